#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/frame_pool.h"
#include "base/short_text.h"
#include "claude/advisor_usage.h"
#include "claude/json_reader.h"

namespace relay::claude {

class TextEstimate;
class UsageTally;

using StopReason = ShortText<31>;

// Reads an answer that is not a stream: one JSON object, which may be megabytes long and comes in
// pieces. Only members at the top of it count, so that nothing a model or a tool wrote can pass for
// usage. Keeps the usage object, if that is not larger than limits::usage_json_bytes_max.
class JsonAnswer : public InFramePool {
 public:
  JsonAnswer(UsageTally& tally, TextEstimate& text) noexcept : tally_{tally}, text_{text} {}

  void observe(std::string_view piece);

  [[nodiscard]] bool is_complete() const noexcept { return reader_.is_complete(); }
  [[nodiscard]] bool has_output() const noexcept { return has_output_; }
  [[nodiscard]] const ModelName& model() const noexcept { return model_; }
  [[nodiscard]] const StopReason& stop_reason() const noexcept { return stop_reason_; }

 private:
  [[nodiscard]] std::string_view without_mark(std::string_view piece) noexcept;
  enum class Member : std::uint8_t { other, usage, content, choices, model, stop_reason };

  void take(JsonReader::Token token);
  void take_inside(JsonReader::Token token);
  void take_opened();
  void pass_on();
  [[nodiscard]] std::string_view rest_of_piece() const;
  void read_usage_object(std::string_view json);
  [[nodiscard]] Member named_member() const;

  UsageTally& tally_;
  TextEstimate& text_;
  JsonReader reader_ = JsonReader::of_any_depth();
  std::size_t mark_bytes_ = 0;  // Of the byte order mark, as far as it has come or is over.
  std::string_view piece_;
  std::size_t piece_begin_ = 0;  // Counted from the first piece, as all positions.
  std::size_t passed_on_ = 0;    // Of the usage or text that we are inside of: up to here.
  std::string usage_json_;
  Member member_ = Member::other;  // At the top, where we are.
  bool is_inside_ = false;         // The value of usage, content or choices.
  bool is_broken_ = false;         // Not JSON.
  bool has_output_ = false;
  bool is_next_reason_ = false;
  ModelName model_;
  StopReason stop_reason_;
};

}  // namespace relay::claude
