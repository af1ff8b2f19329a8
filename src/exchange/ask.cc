#include "exchange/ask.h"

#include <algorithm>

#include "claude/first_event.h"
#include "exchange/outgoing.h"

namespace relay::exchange {
namespace {

constexpr int overloaded_status = 529;

// How the last attempt went, and what may follow it.
struct Verdict {
  RetryAdvice advice = {};
  std::string_view reason = {};  // For the metric.
};

Error refused_credential() {
  return {.code = ErrorCode::upstream_refused_credential,
          .origin = Origin::upstream,
          .message =
              "The relay's own credential was refused by its upstream. Tell the operator of "
              "this relay.",
          .detail = "upstream answered 401"};
}

Error began_overloaded() {
  return {
      .code = ErrorCode::upstream_overloaded, .origin = Origin::upstream, .message = "Overloaded"};
}

std::string_view reason_of(int status) noexcept {
  switch (status) {
    case 401: return "credential";
    case 429: return "rate_limited";
    case overloaded_status: return "overloaded";
    default: return "status";
  }
}

Verdict verdict_of(const http::AnswerHead& head) {
  if (head.status == 401) {
    return {.advice = {.is_wanted = true, .is_elsewhere_only = true},
            .reason = reason_of(head.status)};
  }
  return {.advice = retry_advice(head), .reason = reason_of(head.status)};
}

Verdict verdict_of(const Error& error) {
  return {.advice = {.is_wanted = error.retry != Retry::never}, .reason = "unavailable"};
}

bool has_first_event(const http::AnswerHead& head, const Request& request) {
  return head.status == 200 && request.call.endpoint == core::Endpoint::messages &&
         http::is_event_stream(head) && !head.fields.find("content-encoding");
}

// Reads until the first event shows what it is. A stream that takes its time is passed on as it is.
Task<Result<claude::FirstEvent>> read_first_event(Opening& opening, TimePoint deadline) {
  for (;;) {
    const Result<http::Chunk> chunk = co_await opening.answer->next(deadline);
    if (!chunk && chunk.error().code == ErrorCode::upstream_timeout) {
      co_return claude::FirstEvent::undecided;
    }
    if (!chunk) co_return std::unexpected(chunk.error());

    if (opening.ahead == nullptr) opening.ahead = std::make_unique<ReadAhead>();
    http::Chunk& first = opening.ahead->chunk;
    std::string& held = opening.ahead->held;
    first = *chunk;
    if (!held.empty()) first.bytes = held.append(chunk->bytes);
    const claude::FirstEvent event = claude::first_event(first.bytes);
    const bool is_decided = event != claude::FirstEvent::undecided || chunk->is_last;
    if (is_decided) co_return event;
    if (held.empty()) first.bytes = held = chunk->bytes;
    if (held.size() > limits::stream_buffer_bytes) co_return event;
  }
}

// One attempt at one upstream.
Task<Result<Opening>> attempt(Context& context, const Request& request, http::ClientStream& client,
                              Asked& asked, http::UpstreamId upstream, Verdict& verdict) {
  const UpstreamSettings& settings = context.settings.upstreams[static_cast<std::size_t>(upstream)];
  FrameText head;
  http::UpstreamRequest outgoing =
      outgoing_request(settings, request, client, context.settings.forward_headers, head);
  outgoing.was_sent = &asked.was_sent;

  const auto timeout =
      request.peek.is_stream ? settings.stream_head_timeout : settings.head_timeout;
  const TimePoint deadline = context.sleeper.now() + timeout;
  ++asked.attempts;
  UpstreamUse use{context.upstreams, upstream};
  Result<std::unique_ptr<http::Answer>> answer =
      co_await context.transport.open(upstream, outgoing, deadline);
  const TimePoint now = context.sleeper.now();
  if (!answer) {
    if (answer.error().origin == Origin::upstream) context.upstreams.note_failure(upstream, now);
    verdict = verdict_of(answer.error());
    co_return std::unexpected(answer.error());
  }

  Opening opening{.answer = std::move(*answer), .use = std::move(use), .upstream = upstream};
  const http::AnswerHead& answered = opening.answer->head();
  context.observer.answered(upstream, answered.status);
  context.upstreams.note_answer(upstream, request.preference.family, answered, now,
                                context.clock.wall());
  verdict = verdict_of(answered);
  if (!has_first_event(answered, request)) co_return opening;

  const TimePoint patience = now + context.settings.first_event_wait;
  const Result<claude::FirstEvent> event = co_await read_first_event(opening, patience);
  if (!event) {
    verdict = verdict_of(event.error());
    co_return std::unexpected(event.error());
  }
  if (*event == claude::FirstEvent::overloaded) {
    const http::AnswerHead overloaded{.status = overloaded_status};
    context.upstreams.note_answer(upstream, request.preference.family, overloaded, now,
                                  context.clock.wall());
    verdict = {.advice = {.is_wanted = true}, .reason = reason_of(overloaded_status)};
    co_return std::unexpected(began_overloaded());
  }
  co_return opening;
}

// Whether to try once more, and when. Takes from the budget only what is used.
std::optional<TimePoint> next_attempt(Context& context, const Request& request, const Asked& asked,
                                      const Tried& tried, const Verdict& verdict,
                                      http::UpstreamId last) {
  const UpstreamSettings& settings = context.settings.upstreams[static_cast<std::size_t>(last)];
  const int attempts_max = std::min(settings.retries_max + 1, limits::upstream_attempts_max);
  const bool is_last = asked.is_last || asked.attempts >= attempts_max;
  if (!verdict.advice.is_wanted || request.call.is_body_streamed || is_last) return std::nullopt;
  const TimePoint now = context.sleeper.now();
  const bool can_move = context.upstreams.has_another(request.preference, tried, now);
  if (verdict.advice.is_elsewhere_only && !can_move) return std::nullopt;
  if (!context.retries.take(now)) return std::nullopt;
  if (can_move) return now;
  return now + retry_delay(asked.attempts, verdict.advice, context.random());
}

}  // namespace

Task<Result<void>> ask(Context& context, const Request& request, http::ClientStream& client,
                       Asked& asked, Opening& opening) {
  context.retries.note_request();
  Tried tried;
  for (;;) {
    const http::UpstreamId upstream =
        context.upstreams.choose(request.preference, tried, context.sleeper.now());
    tried.add(upstream);
    Verdict verdict;
    Result<Opening> opened = co_await attempt(context, request, client, asked, upstream, verdict);

    const std::optional<TimePoint> again =
        next_attempt(context, request, asked, tried, verdict, upstream);
    if (!again) {
      if (!opened) co_return std::unexpected(std::move(opened.error()));
      const bool is_our_fault = opened->answer->head().status == 401;
      if (is_our_fault) co_return std::unexpected(refused_credential());
      opening = std::move(*opened);
      co_return Result<void>{};
    }
    context.observer.retried(upstream, verdict.reason);
    if (opened) *opened = {};  // Nobody is going to hear the rest.
    asked.was_sent = false;
    co_await context.sleeper.sleep_until(*again);
  }
}

}  // namespace relay::exchange
