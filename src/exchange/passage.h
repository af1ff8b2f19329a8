#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "core/reservation.h"
#include "exchange/answer_meter.h"
#include "exchange/ask.h"
#include "exchange/batch_download.h"
#include "exchange/context.h"
#include "exchange/outcome.h"
#include "exchange/patience.h"
#include "http/redactor.h"

namespace relay::exchange {

// One answer on its way from the upstream to the client: what is known of it at any moment, even
// when the coroutine that passes it on has been destroyed.
//
// Of an exchange; lives in forward()'s frame.
class Passage {
 public:
  Passage(Context& context, const KeyEntry& key, std::unique_ptr<Request> request,
          http::ClientStream& client, core::Reservation& reservation) noexcept;

  // Asks, then passes the answer on, all but its last bytes.
  Task<void> run();

  // The client has left before run() has returned. Until when what is still to come is worth
  // hearing: from here on run() passes nothing on. None: it is not.
  std::optional<TimePoint> hear_out();

  // The relay stops before run() has returned, which may not go on.
  void stop();

  // How it ended, once run() has returned; or, if it was destroyed, that the client has left.
  std::unique_ptr<Outcome> take_outcome() &&;

 private:
  Task<void> pass_rewritten();
  Task<void> pass_coded_error();
  Task<Result<std::string>> whole_body();
  Task<Result<void>> open_results();
  Task<Result<http::Chunk>> next_chunk();
  Task<Result<http::Chunk>> first_chunk();
  [[nodiscard]] Patience::Pulse next_pulse() const noexcept;
  [[nodiscard]] bool wants_pulse() const noexcept;
  [[nodiscard]] std::string_view pulse() const noexcept;
  void end(Outcome outcome);
  void begin_giving();
  [[nodiscard]] bool may_go_on(const Result<void>& written);
  [[nodiscard]] bool is_worth_hearing() const noexcept;
  [[nodiscard]] const UpstreamSettings& upstream() const noexcept;
  void note_answer();
  void begin_answer();
  void begin_answer(std::optional<std::uint64_t> length);
  std::string_view shown(const http::Chunk& chunk);
  void note_first_byte() noexcept;
  [[nodiscard]] bool may_ping() const noexcept;
  void finish(std::string_view last_bytes);
  void break_off(const Error& error);
  [[nodiscard]] Outcome client_left() const;

  struct Redaction {
    http::Redactor redactor;
    std::string shown = {};  // What of the last bytes the client gets.
  };

  Context& context_;
  const KeyEntry& key_;
  http::ClientStream& client_;
  core::Reservation& reservation_;
  const OnAbort on_abort_;

  AnswerMeter meter_;
  Asked asked_;
  Opening opening_;
  Patience patience_;
  std::unique_ptr<BatchDownload> download_;  // Of an answer that is the results of a batch.
  std::unique_ptr<Redaction> redaction_;     // Of an answer that is an error.
  bool has_begun_ = false;                   // To read the body of the answer.
  bool client_has_bytes_ = false;
  bool is_giving_ = false;                  // Bytes are on their way, and nobody knows how far.
  bool takes_our_events_ = false;           // The answer: events, and no length that was said.
  std::optional<Permits::Permit> hearing_;  // The client has left; what comes is only counted,
  TimePoint hearing_ends_ = no_deadline;    // and not for ever.
  std::unique_ptr<Outcome> outcome_;
};

}  // namespace relay::exchange
