#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "claude/decoder.h"
#include "claude/json_answer.h"
#include "claude/json_reader.h"
#include "claude/usage_meter.h"
#include "core/usage.h"

namespace relay::claude {

// The id of the batch of messages that an answer describes. Empty: it describes none.
[[nodiscard]] std::string batch_id_of(std::string_view json);

// What is owed for one request of a batch.
struct BatchResult {
  std::string custom_id;  // The client's name for it, unique in its batch.
  ModelName model;
  core::Usage usage;
  ServiceTerms terms;  // Of a batch, whether the upstream says so or not.
  AdvisorUsages advisors = {};
};

// Reads what is owed out of the results of a batch while they flow past: a line of JSON for each
// request, {"custom_id":..., "result":{"type":"succeeded","message":{...}}}, in any order. What was
// not answered has no message, and costs nothing.
//
// Bytes may be cut anywhere, and a line may have any length: its message is metered as an answer
// of its own would be, and no more of it is kept than the meter keeps.
//
// Not thread-safe.
class BatchResults {
 public:
  explicit BatchResults(std::string_view content_encoding = {});

  // Requires: next() has given none, or was not called yet. The bytes must stay until it does.
  void feed(std::string_view bytes);

  // The next request that was answered, once all of it was seen.
  [[nodiscard]] std::optional<BatchResult> next();

  // False: the answer is compressed in a way that could not be looked into any further.
  [[nodiscard]] bool is_readable() const noexcept { return is_readable_; }

  // Something like a result could not be read, or has no name, and was passed over.
  [[nodiscard]] bool has_unread_lines() const noexcept { return has_unread_lines_; }

 private:
  enum class Member : std::uint8_t { other, custom_id, result, message };
  enum class Line : std::uint8_t { reading, complete, invalid };

  [[nodiscard]] bool take_piece();
  [[nodiscard]] std::optional<BatchResult> take_line(std::string_view part);
  void take(JsonReader::Token token);
  void open_message();
  void observe_message();
  void end_line();
  [[nodiscard]] std::optional<BatchResult> owed();

  std::unique_ptr<Decoder> decoder_;  // Of a compressed answer.
  bool is_readable_ = true;
  bool has_unread_lines_ = false;
  std::string_view piece_;  // What is left of it.

  // Of the present line.
  JsonReader reader_ = JsonReader::of_any_depth();
  Line line_ = Line::reading;
  std::string_view part_;       // What lies of it in the piece,
  std::size_t part_begin_ = 0;  // and how much of it came before.
  Member top_ = Member::other;
  Member inner_ = Member::other;  // In `result`.
  std::optional<std::string> custom_id_;
  std::optional<UsageMeter> message_;
  std::size_t observed_ = 0;  // Of the message: up to here.
  bool is_inside_message_ = false;
};

}  // namespace relay::claude
