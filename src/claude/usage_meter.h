#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/frame_pool.h"
#include "claude/decoder.h"
#include "claude/event_data.h"
#include "claude/json_answer.h"
#include "claude/line_reader.h"
#include "claude/text_estimate.h"
#include "claude/usage_tally.h"
#include "core/ledger.h"
#include "core/usage.h"

namespace relay::claude {

// What an answer is made of.
enum class AnswerKind : std::uint8_t {
  none,  // Nothing to count.
  messages_events,
  messages_json,
  chat_events,  // Of /v1/chat/completions.
  chat_json,
};

// Of a 2xx answer to a POST. Where `content_type` is none we know, the request decides: what it
// asked for is what is likely to come.
[[nodiscard]] AnswerKind answer_kind(core::Endpoint endpoint, std::string_view content_type,
                                     bool is_stream_requested) noexcept;

// Reads the token counts out of an answer while it flows past.
//
// The meter is a tap: it sees every byte the client sees, changes none and never suspends. Bytes
// may be cut anywhere; a compressed answer is decoded in a bounded copy. Memory does not grow with
// the answer: of a stream, at most one unfinished line of limits::event_bytes_max is kept.
//
// Counts are cumulative, so they do not add up: of each kind, the largest one reported is owed.
// Until the upstream has reported the final count of the output, and for good if it never does, the
// text that went past is counted instead.
//
// Not thread-safe: a meter lives on the thread of its exchange.
class UsageMeter {
 public:
  explicit UsageMeter(AnswerKind kind, std::string_view content_encoding = {});
  ~UsageMeter();
  UsageMeter(UsageMeter&&) = delete;
  UsageMeter& operator=(UsageMeter&&) = delete;

  // Takes the next bytes of the body, in order.
  void observe(std::string_view bytes);

  // Something was heard since the last call that is not only more text: what is owed may have
  // become another thing, and not merely more.
  [[nodiscard]] bool take_news() noexcept { return std::exchange(has_news_, json_ != nullptr); }

  // What is owed so far, roughly, for a mark. `input_estimate` stands in for what the upstream has
  // not said.
  [[nodiscard]] core::Usage usage_so_far(core::TokenCount input_estimate) const noexcept;

  // What is owed. Nothing for an answer that was only an error. Marked as estimated unless the
  // upstream has said it all.
  [[nodiscard]] core::Usage final_usage(core::TokenCount input_estimate, CountTokens count) const;

  // The final count of the output was seen. False at the end: the answer was cut or said nothing.
  [[nodiscard]] bool is_final() const noexcept;

  // The upstream has counted the question: no estimate of it is needed.
  [[nodiscard]] bool saw_input() const noexcept { return tally_.has_input(); }

  // The upstream reported what cannot be, which was ignored.
  [[nodiscard]] bool has_bad_usage() const noexcept { return tally_.is_bad(); }

  // Something could not be looked into (too long, too large when decoded, an unknown coding): its
  // bytes were counted as text.
  [[nodiscard]] bool has_unread_bytes() const noexcept { return has_unread_bytes_; }

  [[nodiscard]] std::string_view served_model() const noexcept;  // Empty: not seen.
  [[nodiscard]] std::string_view stop_reason() const noexcept;   // Empty: not seen.
  [[nodiscard]] const ServiceTerms& terms() const noexcept { return tally_.terms(); }

  // What was reported of advisors, which is owed on top of the usage. Until the next observe().
  [[nodiscard]] std::span<const AdvisorUsage> advisors() const noexcept {
    return tally_.advisors();
  }

  // Of the error event that ended the stream. Empty: there was none.
  [[nodiscard]] std::string_view error_type() const noexcept;

  // The stream said that it has ended: message_stop, or [DONE].
  [[nodiscard]] bool saw_message_stop() const noexcept { return saw_stop_; }

  // Between two events of a stream that is not compressed: another event may be put in here.
  [[nodiscard]] bool at_event_boundary() const noexcept;

 private:
  // What a stream says at its end, and so hardly needs a place while it runs.
  struct Ending : InFramePool {
    ErrorType error_type;
    StopReason stop_reason;
  };

  [[nodiscard]] bool is_stream() const noexcept;
  [[nodiscard]] Ending& ending();
  [[nodiscard]] core::Usage usage(core::TokenCount input_estimate,
                                  core::TokenCount output_estimate) const noexcept;
  void observe_plain(std::string_view bytes);
  void observe_unread(std::size_t bytes) noexcept;
  void observe_deltas();
  void observe_line(const LineReader::Line& line);
  void observe_data_line(std::string_view data);
  void observe_held();
  void hold(std::string_view data);
  void observe_data(std::string_view data);
  void observe_delta(std::string_view data);
  void observe_message(std::string_view data);
  void observe_chat(std::string_view data);
  bool read_member(JsonReader& reader, std::string_view name, JsonReader::Token first);
  bool read_chat_member(JsonReader& reader, std::string_view name, JsonReader::Token first);
  void take_report(const UsageReport& report, bool counts_output);
  bool take_text(JsonReader& reader, JsonReader::Token first);

  AnswerKind kind_;
  Event event_ = Event::unnamed;  // What the next data line belongs to.
  bool is_between_events_ = true;
  bool is_readable_ = true;
  bool has_unread_bytes_ = false;
  bool has_final_output_ = false;
  bool has_text_since_ = false;  // Since the last count of the output.
  bool saw_stop_ = false;
  bool has_news_ = true;
  std::unique_ptr<Ending> ending_;
  ModelName model_;
  UsageTally tally_;
  TextEstimate text_;
  LineReader lines_;
  std::unique_ptr<std::string> held_;  // Data of an event that comes in several lines; else null.
  std::unique_ptr<Decoder> decoder_;   // Of a compressed answer.
  std::unique_ptr<JsonAnswer> json_;   // Of an answer that is not a stream.
};

}  // namespace relay::claude
