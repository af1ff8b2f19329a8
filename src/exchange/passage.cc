#include "exchange/passage.h"

#include <algorithm>

#include "claude/batch_urls.h"
#include "claude/error_body.h"
#include "claude/input_estimate.h"
#include "claude/tokenizer.h"
#include "exchange/limit_fields.h"
#include "exchange/outgoing.h"

namespace relay::exchange {
namespace {

using core::Delivery;

constexpr std::string_view ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

bool is_json(const http::AnswerHead& head) {
  const auto type = head.fields.find("content-type");
  return type && type->starts_with("application/json");
}

// For a mark: what the question costs, without looking into it.
core::TokenCount rough_question(const claude::RequestPeek& peek) noexcept {
  constexpr std::size_t token_bytes = 4;
  return static_cast<core::TokenCount>(peek.body_bytes / token_bytes);
}

core::TokenCount count_output_tokens(std::string_view text) {
  return claude::count_tokens(claude::Encoding::o200k_base, text);
}

Error relay_stops() {
  return {.code = ErrorCode::overloaded,
          .origin = Origin::relay,
          .message = "The relay is being restarted. Send the request again.",
          .detail = "still running at the end of shutdown_drain"};
}

Error silent_upstream() {
  return {.code = ErrorCode::upstream_timeout,
          .origin = Origin::upstream,
          .message = "The upstream stopped sending before its answer was complete.",
          .detail = "idle or total timeout of a stream"};
}

Error why_it_ended(const Error& error) {
  return error.code == ErrorCode::upstream_timeout ? silent_upstream() : error;
}

}  // namespace

Passage::Passage(Context& context, const KeyEntry& key, std::unique_ptr<Request> request,
                 http::ClientStream& client, core::Reservation& reservation) noexcept
    : context_{context},
      key_{key},
      request_{std::move(request)},
      client_{client},
      reservation_{reservation},
      call_{request_->call},
      rough_question_{rough_question(request_->peek)},
      on_abort_{key.terms.on_abort.value_or(context.settings.on_abort)} {
}

Task<void> Passage::run() {
  if (call_.is_metered) reservation_.mark({.input = rough_question_, .is_estimated = true});
  const Result<void> answered = co_await ask(context_, *request_, client_, asked_, opening_);
  if (!answered) {
    end({.delivery = Delivery::refused, .error = answered.error()});
    co_return;
  }

  // Beyond this point nothing is retried.

  open_meter();
  const bool is_of_batches =
      call_.endpoint == core::Endpoint::batches && opening_.answer->head().status < 300;
  if (is_of_batches && !call_.gives_results && is_json(opening_.answer->head())) {
    co_await pass_rewritten();
    co_return;
  }
  if (is_of_batches && call_.gives_results) {
    const Result<void> opened = co_await open_results();
    if (!opened) {
      break_off(opened.error());
      co_return;
    }
  }
  begin_answer();
  for (;;) {
    Task<Result<http::Chunk>> coming = next_chunk();
    const Result<http::Chunk> chunk = co_await std::move(coming);
    std::string_view bytes = pulse();
    if (is_only_quiet(chunk)) {
      if (!wants_pulse()) continue;
      last_pulse_ = context_.sleeper.now();
    } else if (!chunk) {
      break_off(why_it_ended(chunk.error()));
      co_return;
    } else {
      // Count first: what the upstream produced is owed, whether or not the client stays to see it.
      observe(*chunk);
      if (download_ != nullptr) {
        const Result<void> charged = co_await download_->charge(chunk->bytes);
        if (!charged) {
          break_off(charged.error());
          co_return;
        }
      }
      if (!hearing_) note_first_byte();
      bytes = shown(*chunk);
      if (chunk->is_last) {
        finish(bytes);
        co_return;
      }
      if (hearing_) continue;
    }
    begin_giving();
    const Result<void> written = co_await client_.write(bytes);
    if (!may_go_on(written)) co_return;  // take_outcome() says what it costs.
  }
}

void Passage::open_meter() {
  const http::AnswerHead& head = opening_.answer->head();
  const UpstreamSettings& upstream =
      context_.settings.upstreams[static_cast<std::size_t>(opening_.upstream)];
  core::LedgerEntry& entry = reservation_.entry();
  entry.status = static_cast<std::uint16_t>(head.status);
  entry.upstream = std::string_view{upstream.name};
  entry.upstream_request = head.fields.find("request-id").value_or("");

  is_event_stream_ = http::is_event_stream(head);
  const bool is_charged = call_.is_metered && head.status < 300;
  if (is_charged) {
    meter_.emplace(
        claude::answer_kind(call_.endpoint, head.fields.find("content-type").value_or(""),
                            request_->peek.is_stream),
        head.fields.find("content-encoding").value_or(""));
  }
  if (head.status >= 400) {
    redaction_ = std::make_unique<Redaction>(http::Redactor{upstream.api_key});
  }
  last_heard_ = context_.sleeper.now();
  stream_deadline_ = last_heard_ + context_.settings.stream_total_timeout;
  if (!meter_) drop_question();
}

// It goes out with the first bytes: until then an error of ours can still take its place.
void Passage::begin_answer(std::optional<std::size_t> length) {
  if (hearing_) return;
  const UpstreamSettings& upstream =
      context_.settings.upstreams[static_cast<std::size_t>(opening_.upstream)];
  http::ResponseHead& head = context_.answer_head;
  write_incoming_head(context_.settings, upstream, opening_.answer->head(),
                      reservation_.entry().request, head);
  if (length) head.length = length;
  if (context_.settings.ratelimit_fields == RateLimitFields::own) {
    add_limit_fields(key_, context_.calendar.zone(), context_.clock, head);
  }
  client_.begin(head);
  client_.drop_head();
  opening_.answer->drop_head();
}

// The answer may take much longer than its question, of which only an estimate is still needed, and
// that only if the upstream reports nothing.
void Passage::drop_question() {
  if (meter_ && !meter_->saw_usage()) question_ = question();
  request_.reset();
  client_.drop_body();
}

core::TokenCount Passage::question() const {
  return request_ == nullptr ? question_ : claude::estimate_input(request_->body);
}

void Passage::begin_giving() {
  client_has_bytes_ = true;
  is_giving_ = true;
}

// False: the client has left, and that is the end of it.
bool Passage::may_go_on(const Result<void>& written) {
  is_giving_ = false;
  return written || hear_out();
}

// Batches name their results by an absolute address of the upstream's, which a client would follow
// with a key that the upstream does not know. These answers are short and are held until they are
// whole.
Task<void> Passage::pass_rewritten() {
  std::string body;
  for (;;) {
    const TimePoint deadline = context_.sleeper.now() + context_.settings.stream_idle_timeout;
    const Result<http::Chunk> chunk = co_await opening_.answer->next(deadline);
    if (!chunk || body.size() + chunk->bytes.size() > limits::rewritten_body_bytes_max) {
      break_off(chunk ? silent_upstream() : chunk.error());
      co_return;
    }
    body.append(chunk->bytes);
    if (chunk->is_last) break;
  }
  const UpstreamSettings& upstream =
      context_.settings.upstreams[static_cast<std::size_t>(opening_.upstream)];
  const std::string own = own_origin(context_.settings, client_);
  std::string rewritten =
      claude::with_own_results_urls(body, {.upstream = upstream.origin, .own = own});
  if (call_.creates_batch) {
    co_await remember_batch(context_, reservation_.entry(), body);
  }
  begin_answer(rewritten.size());
  end({.delivery = Delivery::complete, .usage = usage(), .held = std::move(rewritten)});
}

Task<Result<void>> Passage::open_results() {
  const http::AnswerHead& head = opening_.answer->head();
  download_ = std::make_unique<BatchDownload>(context_, claude::batch_id_in(client_.head().path()),
                                              reservation_.entry(),
                                              head.fields.find("content-encoding").value_or(""));
  return download_->open();
}

Task<Result<http::Chunk>> Passage::next_chunk() {
  if (opening_.ahead != nullptr && !opening_.ahead->is_taken) return first_chunk();
  opening_.ahead.reset();  // Passed on.
  return opening_.answer->next(std::min(silent_until(), next_pulse()));
}

// What was read while the first event was awaited.
Task<Result<http::Chunk>> Passage::first_chunk() {
  opening_.ahead->is_taken = true;
  co_return opening_.ahead->chunk;
}

// When a silence has been too long.
TimePoint Passage::silent_until() const noexcept {
  return std::min(
      {last_heard_ + context_.settings.stream_idle_timeout, stream_deadline_, hearing_ends_});
}

// Nothing has come, and that may still change.
bool Passage::is_only_quiet(const Result<http::Chunk>& chunk) noexcept {
  const TimePoint now = context_.sleeper.now();
  if (chunk || chunk.error().code != ErrorCode::upstream_timeout) {
    last_heard_ = now;
    return false;
  }
  return now < silent_until();
}

bool Passage::wants_pulse() const noexcept {
  return !hearing_ && (!client_has_bytes_ || may_ping());
}

// Its head first.
std::string_view Passage::pulse() const noexcept {
  return client_has_bytes_ ? ping : std::string_view{};
}

// When the client should hear something even if the upstream is silent: its head soon, then a ping.
TimePoint Passage::next_pulse() const noexcept {
  if (hearing_) return no_deadline;
  if (!client_has_bytes_) return last_heard_ + limits::first_bytes_wait_max;
  if (!is_event_stream_) return no_deadline;
  return std::max(last_heard_, last_pulse_) + context_.settings.ping_interval;
}

bool Passage::may_ping() const noexcept {
  return is_event_stream_ && call_.endpoint == core::Endpoint::messages && meter_ &&
         meter_->at_event_boundary();
}

// What is last is settled in this turn: to mark it would only record it twice.
void Passage::observe(const http::Chunk& chunk) {
  if (!meter_) return;
  meter_->observe(chunk.bytes);
  if (chunk.is_last) return;
  const bool is_question_needed = !meter_->saw_usage() && !is_event_stream_;
  if (request_ != nullptr && !is_question_needed) drop_question();
  unmarked_bytes_ += chunk.bytes.size();
  if (!is_mark_due()) return;
  last_mark_ = last_heard_;
  unmarked_bytes_ = 0;
  note_service();
  reservation_.mark(meter_->usage_so_far(rough_question_));
}

// A mark is for a process that is killed. What it would miss of a text is less than what an
// estimate of it is wrong by.
bool Passage::is_mark_due() noexcept {
  return meter_->take_news() || unmarked_bytes_ >= limits::progress_mark_bytes ||
         last_heard_ - last_mark_ >= limits::progress_mark_interval;
}

// What prices the exchange, from the first report on.
void Passage::note_service() noexcept {
  core::LedgerEntry& entry = reservation_.entry();
  if (entry.served_model.empty()) entry.served_model = meter_->served_model();
  entry.terms = meter_->terms();
}

// What the upstream says of an error may quote what it was sent, our credential among it.
std::string_view Passage::shown(const http::Chunk& chunk) {
  if (redaction_ == nullptr) return chunk.bytes;
  auto& [redactor, shown] = *redaction_;
  shown.clear();
  redactor.redact(chunk.bytes, shown);
  if (chunk.is_last) redactor.finish(shown);
  return shown;
}

void Passage::note_first_byte() noexcept {
  core::LedgerEntry& entry = reservation_.entry();
  if (entry.first_byte_ms != 0) return;
  entry.first_byte_ms = reservation_.ms_until(context_.clock.now());
}

void Passage::finish(std::string_view last_bytes) {
  if (hearing_) return;
  const bool is_refused = reservation_.entry().status >= 400;
  end({.delivery = is_refused ? Delivery::refused : Delivery::complete,
       .usage = usage(),
       .last_bytes = last_bytes});
  if (redaction_ != nullptr) outcome_->held = std::move(redaction_->shown);
}

void Passage::end(Outcome outcome) {
  outcome_ = std::make_unique<Outcome>(std::move(outcome));
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
    outcome.usage = usage();
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
    outcome.usage = usage();
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
  asked_.is_last = true;
  client_.cut();  // What is on its way to nobody ends, and run() goes on.
  return hearing_ends_;
}

// Whether the upstream may have begun what it will bill.
bool Passage::is_worth_hearing() const noexcept {
  if (on_abort_ == OnAbort::cancel || !call_.is_metered) return false;
  return opening_.answer != nullptr ? meter_.has_value() : asked_.was_sent;
}

core::Usage Passage::usage() const {
  if (!meter_) return {};
  const core::TokenCount input = meter_->saw_usage() ? 0 : question();
  return meter_->final_usage(input, count_output_tokens);
}

std::unique_ptr<Outcome> Passage::take_outcome() && {
  core::LedgerEntry& entry = reservation_.entry();
  entry.attempts = static_cast<std::uint8_t>(std::min(asked_.attempts, 255));
  if (meter_) note_service();
  if (!outcome_) end(client_left());
  if (hearing_) outcome_->is_alone = true;
  // What was held for the first event goes with this passage; its last bytes must not.
  const bool is_held = opening_.ahead != nullptr && !opening_.ahead->held.empty();
  if (is_held && outcome_->held.empty()) outcome_->held = outcome_->last_bytes;
  outcome_->answer = std::move(opening_.answer);
  return std::move(outcome_);
}

// What was produced is owed; if nothing was, the question is, once the upstream may have it.
Outcome Passage::client_left() const {
  if (meter_) return {.delivery = Delivery::client_gone, .usage = usage(), .is_alone = true};
  const bool was_answered = opening_.answer != nullptr;
  if (was_answered || !asked_.was_sent || !call_.is_metered) {
    return {.delivery = was_answered ? Delivery::client_gone : Delivery::refused, .is_alone = true};
  }
  return {.delivery = Delivery::client_gone,
          .usage = {.input = question(), .is_estimated = true},
          .is_alone = true};
}

}  // namespace relay::exchange
