#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "claude/usage_meter.h"
#include "core/reservation.h"
#include "exchange/ask.h"
#include "exchange/batch_download.h"
#include "exchange/context.h"
#include "exchange/outcome.h"
#include "http/redactor.h"

namespace relay::exchange {

// One answer on its way from the upstream to the client: what is known of it at any moment, even
// when the coroutine that passes it on has been destroyed.
//
// Of an exchange; lives in forward()'s frame.
class Passage {
 public:
  Passage(Context& context, const KeyEntry& key, const Request& request, http::ClientStream& client,
          core::Reservation& reservation) noexcept;

  // Asks, then passes the answer on, all but its last bytes.
  Task<void> run();

  // The client has left before run() has returned. Until when what is still to come is worth
  // hearing: from here on run() passes nothing on. None: it is not.
  std::optional<TimePoint> hear_out();

  // The relay stops before run() has returned, which may not go on.
  void stop();

  // How it ended, once run() has returned; or, if it was destroyed, that the client has left.
  Outcome take_outcome() &&;

 private:
  Task<void> pass_on();
  Task<void> pass_rewritten();
  Task<void> pass_results();
  Task<Result<http::Chunk>> next_chunk();
  void begin_giving();
  [[nodiscard]] bool may_go_on(const Result<void>& written);
  [[nodiscard]] bool is_worth_hearing() const noexcept;
  [[nodiscard]] TimePoint next_pulse() const noexcept;
  void open_meter();
  void observe(const http::Chunk& chunk);
  void note_service() noexcept;
  void begin_answer();
  std::string_view shown(const http::Chunk& chunk);
  void note_first_byte() noexcept;
  [[nodiscard]] bool may_ping() const noexcept;
  void finish(std::string_view last_bytes);
  void break_off(const Error& error);
  [[nodiscard]] Outcome client_left() const;
  [[nodiscard]] core::Usage usage() const;

  Context& context_;
  const KeyEntry& key_;
  const Request& request_;
  http::ClientStream& client_;
  core::Reservation& reservation_;
  const OnAbort on_abort_;

  Asked asked_;
  Opening opening_;
  std::optional<BatchDownload> download_;     // Of an answer that is the results of a batch.
  std::optional<claude::UsageMeter> meter_;   // Once there is an answer that may be charged.
  std::optional<http::ResponseHead> staged_;  // Until the first bytes go out.
  std::optional<http::Redactor> redactor_;    // Of an answer that is an error.
  std::string redacted_;
  bool client_has_bytes_ = false;
  bool is_giving_ = false;                  // Bytes are on their way, and nobody knows how far.
  std::optional<Permits::Permit> hearing_;  // The client has left; what comes is only counted,
  TimePoint hearing_ends_ = no_deadline;    // and not for ever.
  bool is_event_stream_ = false;
  TimePoint last_heard_{};  // From the upstream.
  TimePoint last_pulse_{};  // Sent to the client in its place.
  TimePoint stream_deadline_{};
  std::optional<Outcome> outcome_;
};

}  // namespace relay::exchange
