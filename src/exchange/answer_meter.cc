#include "exchange/answer_meter.h"

#include "base/limits.h"
#include "claude/input_estimate.h"
#include "claude/tokenizer.h"

namespace relay::exchange {
namespace {

// For a mark: what the question costs, without looking into it.
core::TokenCount rough_question(const claude::RequestPeek& peek) noexcept {
  constexpr std::size_t token_bytes = 4;
  return static_cast<core::TokenCount>(peek.body_bytes / token_bytes);
}

core::TokenCount count_output_tokens(std::string_view text) {
  return claude::count_tokens(claude::Encoding::o200k_base, text);
}

}  // namespace

AnswerMeter::AnswerMeter(std::unique_ptr<Request> request, http::ClientStream& client,
                         core::Reservation& reservation) noexcept
    : request_{std::move(request)},
      client_{client},
      reservation_{reservation},
      call_{request_->call},
      rough_question_{rough_question(request_->peek)} {
}

void AnswerMeter::mark_question() noexcept {
  if (call_.is_metered) reservation_.mark({.input = rough_question_, .is_estimated = true});
}

void AnswerMeter::open(const http::AnswerHead& head) {
  is_event_stream_ = http::is_event_stream(head);
  const bool is_charged = call_.is_metered && head.status < 300;
  if (!is_charged) return let_go_of_question();
  meter_.emplace(claude::answer_kind(call_.endpoint, head.fields.find("content-type").value_or(""),
                                     request_->peek.is_stream),
                 head.fields.find("content-encoding").value_or(""));
}

// What is last is settled in this turn: to mark it would only record it twice.
void AnswerMeter::observe(const http::Chunk& chunk, TimePoint heard) {
  if (!meter_) return;
  meter_->observe(chunk.bytes);
  if (chunk.is_last) return;
  const bool is_question_needed = !meter_->saw_input() && !is_event_stream_;
  if (request_ != nullptr && !is_question_needed) let_go_of_question();
  unmarked_bytes_ += chunk.bytes.size();
  if (!is_mark_due(heard)) return;
  last_mark_ = heard;
  unmarked_bytes_ = 0;
  mark_answer();
}

void AnswerMeter::mark_answer() noexcept {
  note_service();
  const core::Usage usage = meter_->usage_so_far(rough_question_);
  reservation_.mark(advisor_charges_.mark(reservation_, usage, meter_->advisors()));
}

// A mark is for a process that is killed. What it would miss of a text is less than what an
// estimate of it is wrong by.
bool AnswerMeter::is_mark_due(TimePoint heard) noexcept {
  return meter_->take_news() || unmarked_bytes_ >= limits::progress_mark_bytes ||
         heard - last_mark_ >= limits::progress_mark_interval;
}

// From the first report on.
void AnswerMeter::note_service() noexcept {
  if (!meter_) return;
  core::LedgerEntry& entry = reservation_.entry();
  if (entry.served_model.empty()) entry.served_model = meter_->served_model();
  entry.terms = meter_->terms();
}

// Only an estimate of it is still needed, and that only if the upstream does not count it.
void AnswerMeter::let_go_of_question() {
  if (meter_ && !meter_->saw_input()) question_ = question();
  request_.reset();
  client_.drop_body();
}

core::TokenCount AnswerMeter::question() const {
  return request_ == nullptr ? question_ : claude::estimate_input(request_->body);
}

core::Usage AnswerMeter::usage() const {
  if (!meter_) return {};
  const core::TokenCount input = meter_->saw_input() ? 0 : question();
  return meter_->final_usage(input, count_output_tokens);
}

claude::AdvisorUsages AnswerMeter::advisors() const {
  if (!meter_) return {};
  return {meter_->advisors().begin(), meter_->advisors().end()};
}

core::Usage AnswerMeter::usage_of_question() const {
  return {.input = question(), .is_estimated = true};
}

}  // namespace relay::exchange
