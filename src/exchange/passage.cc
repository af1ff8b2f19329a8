#include "exchange/passage.h"

#include <algorithm>

#include "claude/decoder.h"
#include "exchange/limit_fields.h"
#include "exchange/outgoing.h"
#include "http/forwarding.h"

namespace relay::exchange {
namespace {

using core::Delivery;

constexpr std::string_view ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

bool is_json(const http::AnswerHead& head) {
  const auto type = head.fields.find("content-type");
  return type && type->starts_with("application/json");
}

bool is_coded_error(const http::AnswerHead& head) {
  if (head.status < 400) return false;
  const std::string_view coding = head.fields.find("content-encoding").value_or("");
  return claude::coding_of(coding) != claude::Coding::identity;
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
      client_{client},
      reservation_{reservation},
      on_abort_{key.terms.on_abort.value_or(context.settings.on_abort)},
      meter_{std::move(request), client, reservation},
      patience_{context.settings, context.sleeper} {
}

Task<void> Passage::run() {
  meter_.mark_question();
  const Result<void> answered = co_await ask(context_, meter_.request(), client_, asked_, opening_);
  if (!answered) {
    end({.delivery = Delivery::refused, .error = answered.error()});
    co_return;
  }

  // Beyond this point nothing is retried.

  note_answer();
  const claude::ApiCall& call = meter_.call();
  const bool is_of_batches =
      call.endpoint == core::Endpoint::batches && opening_.answer->head().status < 300;
  if (is_of_batches && !call.gives_results && is_json(opening_.answer->head())) {
    co_await pass_rewritten();
    co_return;
  }
  if (is_of_batches && call.gives_results) {
    const Result<void> opened = co_await open_results();
    if (!opened) {
      break_off(opened.error());
      co_return;
    }
  }
  if (is_coded_error(opening_.answer->head())) {
    co_await pass_coded_error();
    co_return;
  }
  begin_answer();
  for (;;) {
    Task<Result<http::Chunk>> coming = next_chunk();
    const Result<http::Chunk> chunk = co_await std::move(coming);
    std::string_view bytes = pulse();
    if (patience_.goes_on(chunk)) {
      if (!wants_pulse()) continue;
      patience_.note_pulse();
    } else if (!chunk) {
      break_off(why_it_ended(chunk.error()));
      co_return;
    } else {
      // Count first: what the upstream produced is owed, whether or not the client stays to see it.
      meter_.observe(*chunk, patience_.last_heard());
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

const UpstreamSettings& Passage::upstream() const noexcept {
  return context_.settings.upstreams[static_cast<std::size_t>(opening_.upstream)];
}

void Passage::note_answer() {
  const http::AnswerHead& head = opening_.answer->head();
  core::LedgerEntry& entry = reservation_.entry();
  entry.status = static_cast<std::uint16_t>(head.status);
  entry.upstream = std::string_view{upstream().name};
  entry.upstream_request = head.fields.find("request-id").value_or("");

  takes_our_events_ = http::is_event_stream(head) && !http::announced_length(head);
  if (head.status >= 400) {
    redaction_ = std::make_unique<Redaction>(http::Redactor{upstream().api_key});
  }
  patience_.begin();
  meter_.open(head);
}

void Passage::begin_answer() {
  begin_answer(http::announced_length(opening_.answer->head()));
}

// It goes out with the first bytes: until then an error of ours can still take its place.
void Passage::begin_answer(std::optional<std::uint64_t> length) {
  if (hearing_) return;
  http::ResponseHead& head = context_.answer_head;
  write_incoming_head(context_.settings, upstream(), opening_.answer->head(),
                      reservation_.entry().request, head);
  head.length = length;
  if (context_.settings.ratelimit_fields == RateLimitFields::own) {
    add_limit_fields(key_, context_.calendar.zone(), context_.clock, head);
  }
  client_.begin(head);
  client_.drop_head();
  opening_.answer->drop_head();
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

Task<Result<void>> Passage::open_results() {
  const http::AnswerHead& head = opening_.answer->head();
  download_ = std::make_unique<BatchDownload>(context_, claude::batch_id_in(client_.head().path()),
                                              reservation_.entry(),
                                              head.fields.find("content-encoding").value_or(""));
  return download_->open();
}

Task<Result<http::Chunk>> Passage::next_chunk() {
  if (!has_begun_) return first_chunk();
  opening_.ahead.reset();  // Passed on.
  return opening_.answer->next(patience_.deadline(next_pulse()));
}

// Perhaps it was read while the first event was awaited. A frame of its own, which does not stay as
// long as the stream.
Task<Result<http::Chunk>> Passage::first_chunk() {
  has_begun_ = true;
  co_await Cohort::Step{context_.cohort};
  if (opening_.ahead != nullptr) co_return opening_.ahead->chunk;
  Task<Result<http::Chunk>> coming = opening_.answer->next(patience_.deadline(next_pulse()));
  const Result<http::Chunk> chunk = co_await std::move(coming);
  co_return chunk;
}

// Its head soon, then a ping.
Patience::Pulse Passage::next_pulse() const noexcept {
  if (hearing_) return Patience::Pulse::none;
  if (!client_has_bytes_) return Patience::Pulse::head;
  return takes_our_events_ ? Patience::Pulse::ping : Patience::Pulse::none;
}

bool Passage::wants_pulse() const noexcept {
  return !hearing_ && (!client_has_bytes_ || may_ping());
}

// Its head first.
std::string_view Passage::pulse() const noexcept {
  return client_has_bytes_ ? ping : std::string_view{};
}

bool Passage::may_ping() const noexcept {
  return takes_our_events_ && meter_.call().endpoint == core::Endpoint::messages &&
         meter_.is_between_events();
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
  entry.first_byte_ms = std::max(1U, reservation_.ms_until(context_.clock.now()));
}

}  // namespace relay::exchange
