#include "net/upstream_exchange.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "http/head_parser.h"
#include "http/head_writer.h"
#include "net/head_progress.h"
#include "net/upstream_pool.h"

namespace relay::net {
namespace {

constexpr std::string_view end_of_last_data = "\r\n0\r\n\r\n";

Error broken_off(Retry retry, std::string detail) {
  return {.code = ErrorCode::upstream_unavailable,
          .origin = Origin::upstream,
          .retry = retry,
          .message = "The upstream broke off.",
          .detail = std::move(detail)};
}
Error too_slow(std::string detail) {
  return {.code = ErrorCode::upstream_timeout,
          .origin = Origin::upstream,
          .message = "The upstream did not answer in time.",
          .detail = std::move(detail)};
}
Error not_understood(std::string detail) {
  return {.code = ErrorCode::upstream_protocol,
          .origin = Origin::upstream,
          .message = "The upstream gave an invalid answer.",
          .detail = std::move(detail)};
}
// What follows these bytes of a chunked body.
std::string_view chunk_tail(std::string_view bytes, bool is_last) noexcept {
  if (bytes.empty()) return is_last ? http::last_chunk : std::string_view{};
  return is_last ? end_of_last_data : http::chunk_end;
}

std::string text_of(std::errc error) {
  return std::make_error_code(error).message();
}

}  // namespace

UpstreamExchange::~UpstreamExchange() {
  drop_head();
}

void UpstreamExchange::drop_head() noexcept {
  pool_.buffers().answers.put_back(std::move(head_));
}

// An upstream that refuses the rest of a request may have said why, so it is heard in any case.
Task<Result<void>> UpstreamExchange::begin(const http::UpstreamRequest& request,
                                           TimePoint head_deadline) {
  TimePoint deadline = head_deadline;
  const Result<void> sent = co_await send(request, deadline);
  const bool is_refused = !sent && sent.error().origin == Origin::upstream;
  if (!sent && !is_refused) co_return sent;

  if (is_refused) deadline = std::min(deadline, pool_.loop().now() + limits::early_answer_wait);
  Result<void> answered = co_await read_head(request.expects_no_body, deadline);
  if (!answered) {
    close();
    if (is_refused && !has_been_heard_) answered = sent;
    if (request.rest != nullptr && !answered) answered.error().retry = Retry::never;
  }
  co_return answered;
}

// The time that the rest of the body takes is not the upstream's, so it moves the deadline.
Task<Result<void>> UpstreamExchange::send(const http::UpstreamRequest& request,
                                          TimePoint& deadline) {
  const IoResult<void> sent = co_await stream_->write({request.head, request.body}, deadline);
  if (!sent && sent.error() == std::errc::timed_out) {
    co_return std::unexpected(too_slow("while the request was sent"));
  }
  if (!sent) co_return std::unexpected(broken_off(Retry::same_upstream, text_of(sent.error())));
  if (request.rest != nullptr) {
    const TimePoint began = pool_.loop().now();
    const Result<void> rest_sent = co_await send_rest(request);
    if (!rest_sent) co_return rest_sent;
    deadline += std::min(pool_.loop().now() - began, no_deadline - deadline);
  }
  was_sent_whole_ = true;
  if (request.was_sent != nullptr) *request.was_sent = true;
  co_return Result<void>{};
}

Task<Result<void>> UpstreamExchange::send_rest(const http::UpstreamRequest& request) {
  for (bool is_last = false; !is_last;) {
    const Result<http::Chunk> piece = co_await request.rest->next_body();
    if (!piece) co_return std::unexpected(piece.error());
    is_last = piece->is_last;
    const std::string_view bytes = piece->bytes;

    std::optional<http::ChunkSizeLine> size_line;
    if (request.is_chunked && !bytes.empty()) size_line.emplace(bytes.size());
    const std::string_view begin = size_line ? size_line->view() : std::string_view{};
    const std::string_view end = request.is_chunked ? chunk_tail(bytes, is_last) : "";
    if (bytes.empty() && end.empty()) continue;
    const IoResult<void> sent =
        co_await stream_->write({begin, bytes, end}, limits::write_stall_max);
    if (!sent) co_return std::unexpected(broken_off(Retry::never, text_of(sent.error())));
  }
  co_return Result<void>{};
}

Task<Result<void>> UpstreamExchange::read_head(bool expects_no_body, TimePoint deadline) {
  GrowingHead growing{.expects_no_body = expects_no_body};
  for (;;) {
    const Result<bool> is_complete = parse_head(growing);
    if (!is_complete) co_return std::unexpected(is_complete.error());
    if (*is_complete) break;

    const IoResult<std::size_t> more = co_await read_more_head(deadline);
    if (!more && more.error() == std::errc::timed_out) {
      co_return std::unexpected(too_slow("no head in time"));
    }
    if (!more) {
      const Retry retry = has_been_heard_ ? Retry::never : Retry::same_upstream;
      co_return std::unexpected(broken_off(retry, text_of(more.error())));
    }
    growing.fresh = *more;
  }
  begin_body();
  co_return Result<void>{};
}

// Whether the head has come. Interim answers are skipped, so many of them.
Result<bool> UpstreamExchange::parse_head(GrowingHead& growing) {
  while (!rest_.empty() && growing.progress.is_worth_parsing(view(), growing.fresh)) {
    if (head_ == nullptr) head_ = pool_.buffers().answers.take();
    const auto parsed = http::parse_answer_head(view(), growing.expects_no_body, *head_);
    if (!parsed) return std::unexpected(parsed.error());
    if (!*parsed) return false;
    rest_ = rest_.subspan(**parsed);
    if (head_->status >= 200) return true;
    if (head_->status == 101) return std::unexpected(not_understood("101 was not asked for"));
    if (++growing.interim_answers > limits::interim_responses_max) {
      return std::unexpected(not_understood("too many interim answers"));
    }
    growing.progress = {};
    growing.fresh = rest_.size();
  }
  return false;
}

// How many bytes came. A head that is whole at once is parsed where it was received.
Task<IoResult<std::size_t>> UpstreamExchange::read_more_head(TimePoint deadline) {
  if (buffer_.empty()) {
    spill_.erase(0, spill_.size() - rest_.size());
  } else {
    spill_.assign(view());
    buffer_ = {};
  }
  rest_ = spill_;
  IoResult<Buffer> received = co_await stream_->read(pool_.buffers().stream, deadline);
  if (!received) co_return std::unexpected(received.error());
  if (received->empty()) co_return std::unexpected(std::errc::connection_reset);

  has_been_heard_ = true;
  const std::size_t size = received->bytes().size();
  if (spill_.empty()) {
    buffer_ = std::move(*received);
    rest_ = buffer_.space().first(size);
  } else {
    spill_.append(received->bytes());
    rest_ = spill_;
  }
  co_return size;
}

void UpstreamExchange::begin_body() noexcept {
  const http::BodyFraming body = head_->body;
  ends_with_connection_ = body.kind == http::Framing::until_close;
  is_of_known_length_ = body.kind == http::Framing::length;
  keep_alive_ = head_->keep_alive;
  const bool is_empty =
      body.kind == http::Framing::none || body == http::BodyFraming{http::Framing::length, 0};
  if (is_empty) {
    end();
  } else {
    decoder_.emplace(body, Origin::upstream);
  }
}

Task<Result<http::Chunk>> UpstreamExchange::next(TimePoint deadline) {
  while (!has_ended_) {
    if (!rest_.empty()) {
      const Result<http::Chunk> chunk = decode();
      if (!chunk || !chunk->bytes.empty()) co_return chunk;
    } else {
      buffer_ = {};
      if (!stream_) co_return std::unexpected(broken_off(Retry::never, "after a failure"));
      BufferPool& pool = pool_.buffers().for_bytes_due(decoder_->remaining_hint());
      IoResult<Buffer> received = co_await stream_->read_gathered(pool, deadline, gathered_until());
      note_read();
      const Result<void> taken = take(std::move(received));
      if (!taken) co_return std::unexpected(taken.error());
    }
  }
  co_return http::Chunk{.bytes = {}, .is_last = true};
}

// A stream of ordinary pace is never kept waiting, nor is the beginning of a burst; and where it is
// known how much is to come, it is read in large pieces anyway.
TimePoint UpstreamExchange::gathered_until() const noexcept {
  const bool is_burst = is_in_burst_ && !is_of_known_length_;
  return is_burst ? last_read_ + limits::burst_gather : TimePoint::min();
}

void UpstreamExchange::note_read() noexcept {
  const TimePoint now = pool_.loop().now();
  is_in_burst_ = now - last_read_ < limits::burst_gap;
  last_read_ = now;
}

Result<void> UpstreamExchange::take(IoResult<Buffer> received) {
  if (!received && received.error() == std::errc::timed_out) {
    return std::unexpected(too_slow("nothing of the body in time"));
  }
  if (!received) {
    close();
    return std::unexpected(broken_off(Retry::never, text_of(received.error())));
  }
  buffer_ = std::move(*received);
  rest_ = buffer_.space().first(buffer_.bytes().size());
  if (!rest_.empty()) return {};
  if (!ends_with_connection_) {
    close();
    return std::unexpected(broken_off(Retry::never, "closed before the end of the body"));
  }
  end();
  return {};
}

Result<http::Chunk> UpstreamExchange::decode() {
  const auto decoded = decoder_->decode(rest_);
  if (!decoded) {
    close();
    return std::unexpected(decoded.error());
  }
  rest_ = rest_.subspan(decoded->consumed);
  if (decoded->is_last) end();
  return http::Chunk{.bytes = decoded->payload, .is_last = decoded->is_last};
}

// What follows the end was not asked for: who sends it cannot be trusted with another request.
void UpstreamExchange::end() noexcept {
  has_ended_ = true;
  if (keep_alive_ && was_sent_whole_ && rest_.empty()) {
    stream_->stop_gathering();
    pool_.put_back(upstream_, std::move(*stream_));
  }
  close();
}

}  // namespace relay::net
