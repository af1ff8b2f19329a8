#include "claude/batch_urls.h"
#include "claude/decoder.h"
#include "exchange/outgoing.h"
#include "exchange/passage.h"

// Answers that are short, and are held until they are whole.
namespace relay::exchange {
namespace {

using core::Delivery;

Error unfit_to_show() {
  return {.code = ErrorCode::upstream_protocol,
          .origin = Origin::upstream,
          .message = "The upstream gave an error that may not be shown.",
          .detail = "it quotes our credential, or its content-encoding cannot be read"};
}

Error too_long() {
  return {.code = ErrorCode::upstream_protocol,
          .origin = Origin::upstream,
          .message = "The answer of the upstream is too long for what it is.",
          .detail = "more than rewritten_body_bytes_max"};
}

// What cannot be read is assumed to.
bool quotes(std::string_view credential, std::string_view content_encoding, std::string_view body) {
  if (body.empty() || credential.empty()) return false;
  const std::optional<claude::Coding> coding = claude::coding_of(content_encoding);
  if (!coding) return true;
  const auto decoded = claude::decode(*coding, body);
  return !decoded || decoded->contains(credential);
}

}  // namespace

// Batches name their results by an absolute address of the upstream's, which a client would follow
// with a key that the upstream does not know.
Task<void> Passage::pass_rewritten() {
  const Result<std::string> body = co_await whole_body();
  if (!body) {
    break_off(body.error());
    co_return;
  }
  const std::string own = own_origin(context_.settings, client_);
  std::string rewritten =
      claude::with_own_results_urls(*body, {.upstream = upstream().origin, .own = own});
  if (meter_.call().creates_batch) {
    co_await remember_batch(context_, reservation_.entry(), *body);
  }
  const bool has_length = client_.head().method != http::Method::head;
  begin_answer(has_length ? std::optional{rewritten.size()} : std::nullopt);
  end({.delivery = Delivery::complete, .usage = meter_.usage(), .held = std::move(rewritten)});
}

// An error that comes compressed cannot be masked on its way: whether it quotes our credential is
// seen only once it is whole.
Task<void> Passage::pass_coded_error() {
  Result<std::string> body = co_await whole_body();
  const std::string_view coding =
      opening_.answer->head().fields.find("content-encoding").value_or("");
  if (!body || quotes(upstream().api_key, coding, *body)) {
    break_off(body ? unfit_to_show() : body.error());
    co_return;
  }
  begin_answer();
  redaction_->shown = std::move(*body);
  finish(redaction_->shown);
}

Task<Result<std::string>> Passage::whole_body() {
  std::string body;
  for (;;) {
    const TimePoint deadline = context_.sleeper.now() + context_.settings.stream_idle_timeout;
    const Result<http::Chunk> chunk = co_await opening_.answer->next(deadline);
    if (!chunk) co_return std::unexpected(chunk.error());
    const bool fits = body.size() + chunk->bytes.size() <= limits::rewritten_body_bytes_max;
    if (!fits) co_return std::unexpected(too_long());
    body.append(chunk->bytes);
    if (chunk->is_last) co_return std::move(body);
  }
}

}  // namespace relay::exchange
