#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "claude/usage_meter.h"
#include "core/reservation.h"
#include "exchange/advisor_charges.h"
#include "exchange/request.h"
#include "http/ports.h"

namespace relay::exchange {

// What one exchange owes, at any moment: for its question, while nothing else is known, and for as
// much of its answer as has come. Marks that in the journal on the way; settling is not its part.
//
// Has the request while somebody may still be asked, or its text may have to be counted: an answer
// can take much longer than its question. Lives in the passage, and refers to what that refers to.
class AnswerMeter {
 public:
  AnswerMeter(std::unique_ptr<Request> request, http::ClientStream& client,
              core::Reservation& reservation) noexcept;

  // Until open().
  [[nodiscard]] const Request& request() const noexcept { return *request_; }
  [[nodiscard]] const claude::ApiCall& call() const noexcept { return call_; }

  // Before the first upstream hears of the question: should this process be killed, it is owed.
  void mark_question() noexcept;

  // Somebody has answered, and nobody else will be asked.
  void open(const http::AnswerHead& head);

  // Counts what has come, at that moment.
  void observe(const http::Chunk& chunk, TimePoint heard);

  // Whether there is an answer for which something may be owed.
  [[nodiscard]] bool is_open() const noexcept { return meter_.has_value(); }

  // Whether an event of ours could stand here.
  [[nodiscard]] bool is_between_events() const noexcept {
    return meter_ && meter_->at_event_boundary();
  }

  // What is owed for the answer, so far.
  [[nodiscard]] core::Usage usage() const;

  // What is owed beside it, for the advice that it was given; and the lines that are open for it,
  // which go to whoever settles.
  [[nodiscard]] claude::AdvisorUsages advisors() const;
  [[nodiscard]] AdvisorCharges take_advisor_charges() noexcept {
    return std::move(advisor_charges_);
  }

  // What is owed for a question that may have been answered to nobody.
  [[nodiscard]] core::Usage usage_of_question() const;

  // Who served, and on which terms, into the entry: what the exchange is priced by.
  void note_service() noexcept;

 private:
  void mark_answer() noexcept;
  void let_go_of_question();
  [[nodiscard]] core::TokenCount question() const;
  [[nodiscard]] bool is_mark_due(TimePoint heard) noexcept;

  std::unique_ptr<Request> request_;  // Null once it was let go.
  http::ClientStream& client_;
  core::Reservation& reservation_;
  const claude::ApiCall call_;
  const core::TokenCount rough_question_;  // For a mark.
  core::TokenCount question_ = 0;          // Estimated, once the request is gone.
  std::optional<claude::UsageMeter> meter_;
  AdvisorCharges advisor_charges_;
  bool is_event_stream_ = false;
  TimePoint last_mark_{};
  std::size_t unmarked_bytes_ = 0;
};

}  // namespace relay::exchange
