#include "net/response_writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <system_error>

namespace relay::net {
namespace {

Error client_gone(std::string detail) {
  return {.code = ErrorCode::client_gone, .origin = Origin::client, .detail = std::move(detail)};
}

bool never_has_a_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

void ResponseWriter::begin(const http::ResponseHead& head, const AnswerTerms& terms) {
  assert(state_ == State::expected && "an answer has one head");
  choose_framing(head, terms);
  stage_head(head, terms);
  state_ = State::begun;
  is_on_its_way_ = false;
}

void ResponseWriter::choose_framing(const http::ResponseHead& head,
                                    const AnswerTerms& terms) noexcept {
  left_ = head.length.value_or(0);
  keeps_alive_ = terms.keep_alive;
  if (terms.has_no_body || never_has_a_body(head.status)) {
    framing_ = http::Framing::none;
  } else if (head.length) {
    framing_ = http::Framing::length;
  } else if (terms.minor_version >= 1) {
    framing_ = http::Framing::chunked;
  } else {
    framing_ = http::Framing::until_close;
    keeps_alive_ = false;
  }
}

void ResponseWriter::stage_head(const http::ResponseHead& head, const AnswerTerms& terms) {
  staged_.assign("HTTP/1.1 ").append(std::to_string(head.status)).append(" \r\n");
  staged_.append(server_.date.at(server_.loop.now())).append(head.fields);
  if (framing_ == http::Framing::chunked) staged_.append("transfer-encoding: chunked\r\n");
  if (head.length && !never_has_a_body(head.status)) {
    staged_.append("content-length: ").append(std::to_string(*head.length)).append("\r\n");
  }
  if (!keeps_alive_) {
    staged_.append("connection: close\r\n");
  } else if (terms.minor_version == 0) {
    staged_.append("connection: keep-alive\r\n");
  }
  staged_.append("\r\n");
}

Task<Result<void>> ResponseWriter::send(std::string_view bytes, bool is_last) {
  assert(state_ != State::expected && "begin() comes first");
  if (state_ != State::begun) co_return std::unexpected(client_gone("the answer was cut"));
  if (!fits(bytes.size(), is_last)) {
    cut();
    co_return std::unexpected(Error{.code = ErrorCode::internal,
                                    .origin = Origin::relay,
                                    .detail = "a body of another length than its head said"});
  }
  const std::string_view body = framing_ == http::Framing::none ? std::string_view{} : bytes;
  const std::string_view tail = stage_chunk(body.size(), is_last);
  is_on_its_way_ = true;
  const IoResult<void> sent =
      co_await socket_.write({staged_, body, tail}, server_.limits.write_stall_max);
  staged_.clear();
  if (!sent) {
    if (sent.error() == std::errc::timed_out) socket_.reset_on_close();
    state_ = State::broken;
    co_return std::unexpected(client_gone(std::make_error_code(sent.error()).message()));
  }
  if (is_last) state_ = State::finished;
  co_return Result<void>{};
}

bool ResponseWriter::fits(std::size_t bytes, bool is_last) noexcept {
  if (framing_ != http::Framing::length) return true;
  if (bytes > left_) return false;
  left_ -= bytes;
  return !is_last || left_ == 0;
}

// Puts the size line behind what is staged; returns what follows the bytes.
std::string_view ResponseWriter::stage_chunk(std::size_t bytes, bool is_last) {
  if (framing_ != http::Framing::chunked) return {};
  if (bytes == 0) return is_last ? "0\r\n\r\n" : "";
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16).ptr;
  staged_.append(digits.data(), end).append("\r\n");
  return is_last ? "\r\n0\r\n\r\n" : "\r\n";
}

// A body that ends with the connection must end with a reset, or it would look complete.
void ResponseWriter::cut() noexcept {
  if (state_ == State::finished || state_ == State::broken) return;
  state_ = State::broken;
  if (is_on_its_way_ && framing_ == http::Framing::until_close) {
    socket_.reset_on_close();
  } else {
    socket_.shut_down_writing();
  }
}

}  // namespace relay::net
