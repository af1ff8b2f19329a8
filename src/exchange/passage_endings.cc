#include <algorithm>

#include "claude/error_body.h"
#include "exchange/passage.h"

// How a passage ends, each way with what is owed and what the client is still to see.
namespace relay::exchange {
namespace {

using core::Delivery;

Error relay_stops() {
  return {.code = ErrorCode::overloaded,
          .origin = Origin::relay,
          .message = "The relay is being restarted. Send the request again.",
          .detail = "still running at the end of shutdown_drain"};
}

}  // namespace

void Passage::end(Outcome outcome) {
  outcome_ = std::make_unique<Outcome>(std::move(outcome));
}

void Passage::finish(std::string_view last_bytes) {
  if (hearing_) return;
  const bool is_refused = reservation_.entry().status >= 400;
  end({.delivery = is_refused ? Delivery::refused : Delivery::complete,
       .usage = meter_.usage(),
       .last_bytes = last_bytes});
  if (redaction_ != nullptr) outcome_->held = std::move(redaction_->shown);
}

// The upstream has stopped short. A client that has bytes must see that they are not all: an error
// event where one can stand, and in any case an abnormal end.
void Passage::break_off(const Error& error) {
  if (error.code == ErrorCode::client_gone || hearing_) return;
  const bool is_refused = reservation_.entry().status >= 400;
  Outcome outcome{.delivery = is_refused ? Delivery::refused : Delivery::upstream_failed};
  if (!client_has_bytes_) {
    outcome.delivery = Delivery::refused;
    outcome.error = error;
  } else {
    outcome.usage = meter_.usage();
    outcome.is_cut = true;
    if (may_ping()) outcome.held = claude::error_event(error, reservation_.entry().request.view());
  }
  end(std::move(outcome));
}

void Passage::stop() {
  if (outcome_) return;
  Outcome outcome{.delivery = client_has_bytes_ ? Delivery::abandoned : Delivery::refused};
  if (!client_has_bytes_) {
    outcome.error = relay_stops();
  } else {
    outcome.usage = meter_.usage();
    outcome.is_cut = true;
    const bool has_whole_events = may_ping() && !is_giving_;
    if (has_whole_events) {
      outcome.held = claude::error_event(relay_stops(), reservation_.entry().request.view());
    }
  }
  end(std::move(outcome));
}

std::optional<TimePoint> Passage::hear_out() {
  if (hearing_) return hearing_ends_;
  if (outcome_ || !is_worth_hearing()) return std::nullopt;
  Result<Permits::Permit> permit = context_.drains.take();
  if (!permit) return std::nullopt;
  hearing_.emplace(std::move(*permit));
  hearing_ends_ = context_.sleeper.now() + context_.settings.abort_drain;
  patience_.end_at(hearing_ends_);
  asked_.is_last = true;
  client_.cut();  // What is on its way to nobody ends, and run() goes on.
  return hearing_ends_;
}

// Whether the upstream may have begun what it will bill.
bool Passage::is_worth_hearing() const noexcept {
  if (on_abort_ == OnAbort::cancel || !meter_.call().is_metered) return false;
  return opening_.answer != nullptr ? meter_.is_open() : asked_.was_sent;
}

std::unique_ptr<Outcome> Passage::take_outcome() && {
  core::LedgerEntry& entry = reservation_.entry();
  entry.attempts = static_cast<std::uint8_t>(std::min(asked_.attempts, 255));
  meter_.note_service();
  if (!outcome_) end(client_left());
  if (hearing_) outcome_->is_alone = true;
  outcome_->advisors = meter_.advisors();
  outcome_->advisor_charges = meter_.take_advisor_charges();
  // What was held for the first event goes with this passage; its last bytes must not.
  const bool is_held = opening_.ahead != nullptr && !opening_.ahead->held.empty();
  if (is_held && outcome_->held.empty()) outcome_->held = outcome_->last_bytes;
  outcome_->answer = std::move(opening_.answer);
  return std::move(outcome_);
}

// What was produced is owed; if nothing was, the question is, once the upstream may have it.
Outcome Passage::client_left() const {
  if (meter_.is_open()) {
    return {.delivery = Delivery::client_gone, .usage = meter_.usage(), .is_alone = true};
  }
  const bool was_answered = opening_.answer != nullptr;
  if (was_answered || !asked_.was_sent || !meter_.call().is_metered) {
    return {.delivery = was_answered ? Delivery::client_gone : Delivery::refused, .is_alone = true};
  }
  return {.delivery = Delivery::client_gone, .usage = meter_.usage_of_question(), .is_alone = true};
}

}  // namespace relay::exchange
