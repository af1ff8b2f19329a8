#include "net/response_writer.h"

#include <cassert>
#include <system_error>

#include "http/head_writer.h"

namespace relay::net {
namespace {

constexpr std::string_view end_of_last_data = "\r\n0\r\n\r\n";
static_assert(end_of_last_data.starts_with(http::chunk_end) &&
              end_of_last_data.ends_with(http::last_chunk));

Error client_gone(std::string detail) {
  return {.code = ErrorCode::client_gone, .origin = Origin::client, .detail = std::move(detail)};
}

}  // namespace

void ResponseWriter::begin(const http::ResponseHead& head, const http::RequestHead& request,
                           bool keep_alive) {
  assert((state_ == State::expected || state_ == State::begun) && !is_on_its_way_);
  const http::BodyFraming body = http::answer_framing(request, head);
  framing_ = body.kind;
  left_ = body.length;
  keeps_alive_ = keep_alive && framing_ != http::Framing::until_close;
  staged().clear();
  http::write_answer_head(head,
                          {.body = body,
                           .keep_alive = keeps_alive_,
                           .request_minor_version = request.minor_version,
                           .date_line = server_.date.at(server_.loop.now())},
                          staged());
  state_ = State::begun;
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
  const std::string_view lead = staged_ == nullptr ? std::string_view{} : *staged_;
  is_on_its_way_ = true;
  const IoResult<void> sent =
      co_await socket_.write({lead, body, tail}, server_.limits.write_stall_max);
  let_go_of_staged();
  if (!sent) {
    if (sent.error() == std::errc::timed_out) socket_.reset_on_close();
    state_ = State::broken;
    co_return std::unexpected(client_gone(std::make_error_code(sent.error()).message()));
  }
  if (is_last) state_ = State::finished;
  co_return Result<void>{};
}

std::string& ResponseWriter::staged() {
  if (staged_ == nullptr) staged_ = server_.buffers.lines.take();
  return *staged_;
}

void ResponseWriter::let_go_of_staged() noexcept {
  if (staged_ != nullptr) staged_->clear();
  server_.buffers.lines.put_back(std::move(staged_));
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
  if (bytes == 0) return is_last ? http::last_chunk : std::string_view{};
  staged().append(http::ChunkSizeLine{bytes}.view());
  return is_last ? end_of_last_data : http::chunk_end;
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
