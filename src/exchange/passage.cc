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
core::Usage rough_question(const claude::RequestPeek& peek) {
  constexpr std::size_t token_bytes = 4;
  return {.input = static_cast<core::TokenCount>(peek.body_bytes / token_bytes),
          .is_estimated = true};
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

}  // namespace

Passage::Passage(Context& context, const KeyEntry& key, const Request& request,
                 http::ClientStream& client, core::Reservation& reservation) noexcept
    : context_{context},
      key_{key},
      request_{request},
      client_{client},
      reservation_{reservation},
      on_abort_{key.terms.on_abort.value_or(context.settings.on_abort)} {
}

Task<void> Passage::run() {
  if (request_.call.is_metered) reservation_.mark(rough_question(request_.peek));
  Result<Opening> opening = co_await ask(context_, request_, client_, asked_);
  if (!opening) {
    outcome_ = Outcome{.delivery = Delivery::refused, .error = std::move(opening.error())};
    co_return;
  }
  opening_ = std::move(*opening);

  // Beyond this point nothing is retried.

  open_meter();
  const bool is_of_batches =
      request_.call.endpoint == core::Endpoint::batches && opening_.answer->head().status < 300;
  if (is_of_batches && request_.call.gives_results) {
    co_await pass_results();
  } else if (is_of_batches && is_json(opening_.answer->head())) {
    co_await pass_rewritten();
  } else {
    co_await pass_on();
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
  const bool is_charged = request_.call.is_metered && head.status < 300;
  if (is_charged) {
    meter_.emplace(
        claude::answer_kind(request_.call.endpoint, head.fields.find("content-type").value_or(""),
                            request_.peek.is_stream),
        head.fields.find("content-encoding").value_or(""));
  }
  if (head.status >= 400) redactor_.emplace(upstream.api_key);
  last_heard_ = context_.sleeper.now();
  stream_deadline_ = last_heard_ + context_.settings.stream_total_timeout;
  staged_ = incoming_head(context_.settings, upstream, head, entry.request);
  if (context_.settings.ratelimit_fields == RateLimitFields::own) {
    add_limit_fields(key_, context_.calendar.zone(), context_.clock, *staged_);
  }
}

// Before the first bytes, and not earlier: until then an error of ours can still take its place.
void Passage::begin_answer() {
  if (staged_) client_.begin(std::move(*staged_));
  staged_.reset();
}

Task<void> Passage::pass_on() {
  for (;;) {
    const Result<http::Chunk> chunk = co_await next_chunk();
    if (!chunk) {
      break_off(chunk.error());
      co_return;
    }

    // Count first: what the upstream produced is owed, whether or not the client stays to see it.
    observe(*chunk);
    if (download_) {
      const Result<void> charged = co_await download_->charge(chunk->bytes);
      if (!charged) {
        break_off(charged.error());
        co_return;
      }
    }
    if (!hearing_) note_first_byte();
    const std::string_view bytes = shown(*chunk);
    if (chunk->is_last) {
      finish(bytes);
      co_return;
    }
    if (hearing_) continue;
    begin_giving();
    const Result<void> written = co_await client_.write(bytes);
    if (!may_go_on(written)) co_return;  // take_outcome() says what it costs.
  }
}

void Passage::begin_giving() {
  begin_answer();
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
  if (request_.call.creates_batch) {
    co_await remember_batch(context_, reservation_.entry(), body);
  }
  staged_->length = rewritten.size();
  begin_answer();
  outcome_ =
      Outcome{.delivery = Delivery::complete, .usage = usage(), .held = std::move(rewritten)};
}

Task<void> Passage::pass_results() {
  const http::AnswerHead& head = opening_.answer->head();
  download_.emplace(context_, claude::batch_id_in(client_.head().path()), reservation_.entry(),
                    head.fields.find("content-encoding").value_or(""));
  const Result<void> opened = co_await download_->open();
  if (!opened) {
    break_off(opened.error());
    co_return;
  }
  co_await pass_on();
}

Task<Result<http::Chunk>> Passage::next_chunk() {
  if (opening_.has_first) {
    opening_.has_first = false;
    http::Chunk first = opening_.first;
    if (!opening_.held.empty()) first.bytes = opening_.held;
    co_return first;
  }
  for (;;) {
    const TimePoint idle_deadline = last_heard_ + context_.settings.stream_idle_timeout;
    const TimePoint last = std::min({idle_deadline, stream_deadline_, hearing_ends_});
    const Result<http::Chunk> chunk = co_await opening_.answer->next(std::min(last, next_pulse()));
    const TimePoint now = context_.sleeper.now();
    if (chunk || chunk.error().code != ErrorCode::upstream_timeout) {
      last_heard_ = now;
      co_return chunk;
    }
    if (now >= last) co_return std::unexpected(silent_upstream());
    if (hearing_) continue;

    const std::string_view pulse = client_has_bytes_ ? ping : std::string_view{};
    if (client_has_bytes_ && !may_ping()) continue;
    last_pulse_ = now;
    begin_giving();
    const Result<void> written = co_await client_.write(pulse);
    if (!may_go_on(written)) co_return std::unexpected(written.error());
  }
}

// When the client should hear something even if the upstream is silent: its head soon, then a ping.
TimePoint Passage::next_pulse() const noexcept {
  if (hearing_) return no_deadline;
  if (!client_has_bytes_) return last_heard_ + limits::first_bytes_wait_max;
  if (!is_event_stream_) return no_deadline;
  return std::max(last_heard_, last_pulse_) + context_.settings.ping_interval;
}

bool Passage::may_ping() const noexcept {
  return is_event_stream_ && request_.call.endpoint == core::Endpoint::messages && meter_ &&
         meter_->at_event_boundary();
}

// What is last is settled in this turn: to mark it would only record it twice.
void Passage::observe(const http::Chunk& chunk) {
  if (!meter_) return;
  meter_->observe(chunk.bytes);
  if (chunk.is_last) return;
  note_service();
  reservation_.mark(meter_->usage_so_far(rough_question(request_.peek).input));
}

// What prices the exchange, from the first report on.
void Passage::note_service() noexcept {
  core::LedgerEntry& entry = reservation_.entry();
  if (entry.served_model.empty()) entry.served_model = meter_->served_model();
  entry.terms = meter_->terms();
}

// What the upstream says of an error may quote what it was sent, our credential among it.
std::string_view Passage::shown(const http::Chunk& chunk) {
  if (!redactor_) return chunk.bytes;
  redacted_.clear();
  redactor_->redact(chunk.bytes, redacted_);
  if (chunk.is_last) redactor_->finish(redacted_);
  return redacted_;
}

void Passage::note_first_byte() noexcept {
  core::LedgerEntry& entry = reservation_.entry();
  if (entry.first_byte_ms != 0) return;
  entry.first_byte_ms = reservation_.ms_until(context_.clock.now());
}

void Passage::finish(std::string_view last_bytes) {
  if (hearing_) return;
  begin_answer();
  const bool is_refused = opening_.answer->head().status >= 400;
  outcome_ = Outcome{.delivery = is_refused ? Delivery::refused : Delivery::complete,
                     .usage = usage(),
                     .last_bytes = last_bytes};
  if (redactor_) outcome_->held = std::move(redacted_);
}

// The upstream has stopped short. A client that has bytes must see that they are not all: an error
// event where one can stand, and in any case an abnormal end.
void Passage::break_off(const Error& error) {
  if (error.code == ErrorCode::client_gone || hearing_) return;
  const bool is_refused = opening_.answer->head().status >= 400;
  Outcome outcome{.delivery = is_refused ? Delivery::refused : Delivery::upstream_failed};
  if (!client_has_bytes_) {
    outcome.delivery = Delivery::refused;
    outcome.error = error;
  } else {
    outcome.usage = usage();
    outcome.is_cut = true;
    if (may_ping()) outcome.held = claude::error_event(error, reservation_.entry().request.view());
  }
  outcome_ = std::move(outcome);
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
  outcome_ = std::move(outcome);
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
  if (on_abort_ == OnAbort::cancel || !request_.call.is_metered) return false;
  return opening_.answer != nullptr ? meter_.has_value() : asked_.was_sent;
}

core::Usage Passage::usage() const {
  if (!meter_) return {};
  const core::TokenCount input = meter_->saw_usage() ? 0 : claude::estimate_input(request_.body);
  return meter_->final_usage(input, count_output_tokens);
}

Outcome Passage::take_outcome() && {
  core::LedgerEntry& entry = reservation_.entry();
  entry.attempts = static_cast<std::uint8_t>(std::min(asked_.attempts, 255));
  if (meter_) note_service();
  if (!outcome_) outcome_ = client_left();
  if (hearing_) outcome_->is_alone = true;
  // What was held for the first event goes with this passage; its last bytes must not.
  if (!opening_.held.empty() && outcome_->held.empty()) outcome_->held = outcome_->last_bytes;
  outcome_->answer = std::move(opening_.answer);
  return std::move(*outcome_);
}

// What was produced is owed; if nothing was, the question is, once the upstream may have it.
Outcome Passage::client_left() const {
  if (meter_) return {.delivery = Delivery::client_gone, .usage = usage(), .is_alone = true};
  const bool was_answered = opening_.answer != nullptr;
  if (was_answered || !asked_.was_sent || !request_.call.is_metered) {
    return {.delivery = was_answered ? Delivery::client_gone : Delivery::refused, .is_alone = true};
  }
  return {.delivery = Delivery::client_gone,
          .usage = {.input = claude::estimate_input(request_.body), .is_estimated = true},
          .is_alone = true};
}

}  // namespace relay::exchange
