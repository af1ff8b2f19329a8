#include "net/request_body.h"

#include <algorithm>
#include <utility>

#include "http/head_writer.h"

namespace relay::net {
namespace {

Error too_large() {
  return {.code = ErrorCode::request_too_large,
          .origin = Origin::client,
          .message = "The request body is too large."};
}
Error too_slow() {
  return {.code = ErrorCode::request_timeout,
          .origin = Origin::client,
          .message = "The request body did not come in time."};
}
Error too_many() {
  return {.code = ErrorCode::overloaded,
          .origin = Origin::relay,
          .message = "Too many request bodies at the same time. Try again shortly.",
          .retry_after = std::chrono::seconds{1}};
}
Error client_gone(std::errc why) {
  return {.code = ErrorCode::client_gone,
          .origin = Origin::client,
          .detail = std::make_error_code(why).message()};
}

}  // namespace

void RequestBody::begin(const http::RequestHead& head) noexcept {
  framing_ = head.body;
  has_ended_ =
      framing_.kind == http::Framing::none || (is_of_known_length() && framing_.length == 0);
  is_broken_ = false;
  continue_due_ = head.expects_continue && !has_ended_ && inbox_.empty();
  bytes_ = 0;
  bytes_max_ = limits::file_body_bytes_max;
  pace_ = {server_.limits.body_grace, server_.limits.body_bytes_per_second_min};
  drained_by_ = no_deadline;
  if (!has_ended_) decoder_.emplace(framing_);
}

Task<Result<http::Chunk>> RequestBody::next() {
  let_go_of_piece();
  if (is_broken_) co_return broken(std::errc::not_connected);
  if (is_of_known_length() && framing_.length > bytes_max_) co_return std::unexpected(too_large());
  while (!has_ended_) {
    const bool is_in_inbox = !inbox_.empty();
    if (!is_in_inbox) {
      const Result<void> received = co_await receive();
      if (!received) co_return std::unexpected(received.error());
    }
    const std::span<char> bytes =
        is_in_inbox ? inbox_.rest() : in_hand_.space().first(in_hand_.bytes().size());
    std::size_t consumed = 0;
    const Result<http::Chunk> chunk = decode(bytes, consumed);
    if (is_in_inbox) {
      inbox_.use(consumed);
    } else if (consumed < bytes.size()) {
      inbox_.append({bytes.data() + consumed, bytes.size() - consumed});
    }
    if (!chunk || !chunk->bytes.empty()) co_return chunk;
  }
  co_return http::Chunk{.bytes = {}, .is_last = true};
}

Task<Result<std::string_view>> RequestBody::read_all(std::size_t bytes_max) {
  limit(bytes_max);
  if (is_broken_) co_return broken(std::errc::not_connected);
  if (is_of_known_length() && framing_.length > bytes_max) co_return std::unexpected(too_large());
  if (is_here_for_long()) {
    std::size_t consumed = 0;
    const Result<http::Chunk> whole = decode(inbox_.rest(), consumed);
    if (!whole) co_return std::unexpected(whole.error());
    inbox_.use(consumed);
    co_return whole->bytes;
  }
  while (!has_ended_) {
    const bool can_go_straight = is_of_known_length() && inbox_.empty();
    Task<Result<void>> step = can_go_straight ? receive_straight() : collect();
    const Result<void> done = co_await std::move(step);
    if (!done) co_return std::unexpected(done.error());
  }
  co_return collected_.bytes();
}

// The next piece, copied behind the others.
Task<Result<void>> RequestBody::collect() {
  const Result<http::Chunk> chunk = co_await next();
  if (!chunk) co_return std::unexpected(chunk.error());
  const std::size_t size = chunk->bytes.size();
  const std::size_t to_come =
      is_of_known_length() ? size + due() : std::max(size, collected_.bytes().size());
  if (!collected_.make_room(size, to_come)) co_return broken(too_many());
  chunk->bytes.copy(collected_.space().data(), size);
  collected_.add(size);
  let_go_of_piece();
  co_return Result<void>{};
}

// Never beyond the end of the body, so nothing can be left over.
Task<Result<void>> RequestBody::receive_straight() {
  if (!collected_.make_room(1, due())) co_return broken(too_many());
  if (continue_due_) {
    const Result<void> asked = co_await ask();
    if (!asked) co_return asked;
  }
  const std::span<char> space = collected_.space();
  const std::span<char> wanted = space.first(std::min(space.size(), due()));
  const TimePoint began = server_.loop.now();
  const IoResult<std::size_t> received = co_await socket_.read_into(wanted, deadline());
  if (!received) co_return broken(received.error());
  if (*received == 0) co_return broken(std::errc::connection_reset);

  pace_.spend(server_.loop.now() - began);
  pace_.earn(*received);
  collected_.add(*received);
  std::size_t consumed = 0;
  const Result<http::Chunk> chunk = decode(wanted.first(*received), consumed);
  if (!chunk) co_return std::unexpected(chunk.error());
  co_return Result<void>{};
}

Task<Result<void>> RequestBody::receive() {
  if (continue_due_) {
    const Result<void> asked = co_await ask();
    if (!asked) co_return asked;
  }
  BufferPool& pool = server_.buffers.for_bytes_due(due());
  const TimePoint began = server_.loop.now();
  IoResult<Buffer> received = co_await socket_.read(pool, deadline());
  if (!received) co_return broken(received.error());
  if (received->empty()) co_return broken(std::errc::connection_reset);

  in_hand_ = std::move(*received);
  pace_.spend(server_.loop.now() - began);
  pace_.earn(in_hand_.bytes().size());
  co_return Result<void>{};
}

// A client that has begun to send does not wait to be asked.
Task<Result<void>> RequestBody::ask() {
  continue_due_ = false;
  if (!socket_.is_quiet()) co_return Result<void>{};
  const IoResult<void> sent =
      co_await socket_.write(http::continue_head, server_.limits.write_stall_max);
  if (!sent) co_return broken(sent.error());
  co_return Result<void>{};
}

Result<http::Chunk> RequestBody::decode(std::span<char> bytes, std::size_t& consumed) {
  const auto decoded = decoder_->decode(bytes);
  if (!decoded) return broken(decoded.error());
  consumed = decoded->consumed;
  has_ended_ = decoded->is_last;
  bytes_ += decoded->payload.size();
  if (bytes_ > bytes_max_) return broken(too_large());
  return http::Chunk{.bytes = decoded->payload, .is_last = decoded->is_last};
}

bool RequestBody::give_up() {
  in_hand_ = {};
  if (!has_ended_ && !is_broken_ && !inbox_.empty()) {
    std::size_t consumed = 0;
    const Result<http::Chunk> skipped = decode(inbox_.rest(), consumed);
    if (skipped) inbox_.use(consumed);
  }
  if (has_ended_) return true;
  const bool is_little =
      is_of_known_length() && due() <= server_.limits.early_answer_drain_bytes_max;
  return is_little && !continue_due_ && !is_broken_;
}

Task<bool> RequestBody::drain() {
  drained_by_ = server_.loop.now() + server_.limits.early_answer_drain_max;
  limit(bytes_ + server_.limits.early_answer_drain_bytes_max);
  while (!has_ended_ && !is_broken_) {
    const Result<http::Chunk> skipped = co_await next();
    if (!skipped) co_return false;
  }
  co_return has_ended_;
}

void RequestBody::drop() noexcept {
  if (!has_ended_) return;
  let_go_of_piece();
  collected_.clear();
}

// A piece lies in one or the other.
void RequestBody::let_go_of_piece() noexcept {
  in_hand_ = {};
  inbox_.forget_used();
}

TimePoint RequestBody::deadline() const noexcept {
  return std::min(server_.loop.now() + pace_.left(), drained_by_);
}

// The whole body has come with its head, and lies where it may stay.
bool RequestBody::is_here_for_long() noexcept {
  return is_of_known_length() && !has_ended_ && inbox_.is_settled() &&
         due() <= inbox_.rest().size();
}

// The client is still to be answered, and others can use the memory meanwhile.
std::unexpected<Error> RequestBody::broken(Error error) {
  is_broken_ = true;
  collected_.clear();
  return std::unexpected(std::move(error));
}

std::unexpected<Error> RequestBody::broken(std::errc error) {
  return broken(error == std::errc::timed_out ? too_slow() : client_gone(error));
}

}  // namespace relay::net
