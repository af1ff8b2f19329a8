#include "app/local_client.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "net/socket.h"

namespace relay::app {
namespace {

Error unavailable(const LocalRequest& request, std::string detail) {
  return {.code = ErrorCode::upstream_unavailable,
          .origin = Origin::relay,
          .message = fmt::format("no relay answers at {}", to_string(request.to)),
          .detail = std::move(detail)};
}

std::string head_of(const LocalRequest& request) {
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
                  http::to_string(request.method), request.target, to_string(request.to));
  if (!request.bearer.empty()) head += fmt::format("authorization: Bearer {}\r\n", request.bearer);
  if (!request.body.empty()) {
    head += fmt::format("content-type: application/json\r\ncontent-length: {}\r\n",
                        request.body.size());
  }
  return head + "\r\n";
}

// The whole answer, which the end of the connection has completed.
Result<LocalAnswer> parse_answer(std::string bytes) {
  http::AnswerHead head;
  const auto size = http::parse_answer_head(bytes, false, head);
  if (!size) return std::unexpected(size.error());
  LocalAnswer answer{.status = head.status};
  std::span<char> rest{bytes};
  rest = rest.subspan(size->value_or(bytes.size()));
  http::BodyDecoder decoder{head.body, Origin::upstream};
  while (!rest.empty() && !decoder.is_done()) {
    const auto decoded = decoder.decode(rest);
    if (!decoded) return std::unexpected(decoded.error());
    answer.body += decoded->payload;
    rest = rest.subspan(decoded->consumed);
  }
  return answer;
}

// Everything that comes until the other side closes.
Task<net::IoResult<std::string>> read_all(net::Socket& socket, TimePoint deadline) {
  std::string bytes;
  std::string piece(16 * limits::kib, '\0');
  while (bytes.size() <= limits::local_answer_bytes_max) {
    const net::IoResult<std::size_t> count = co_await socket.read_into(piece, deadline);
    if (!count) co_return std::unexpected(count.error());
    if (*count == 0) co_return bytes;
    bytes.append(piece, 0, *count);
  }
  co_return std::unexpected(std::errc::message_size);
}

Task<net::IoResult<std::string>> exchange(net::Loop& loop, const LocalRequest& request) {
  const TimePoint deadline = loop.now() + limits::local_answer_wait_max;
  net::IoResult<net::Socket> socket = co_await net::connect(loop, request.to, deadline);
  if (!socket) co_return std::unexpected(socket.error());
  const std::string head = head_of(request);
  const net::IoResult<void> sent = co_await socket->write({head, request.body}, deadline);
  if (!sent) co_return std::unexpected(sent.error());
  net::IoResult<std::string> bytes = co_await read_all(*socket, deadline);
  co_return bytes;
}

Task<void> exchange_and_stop(net::Loop& loop, const LocalRequest& request,
                             net::IoResult<std::string>& bytes) {
  bytes = co_await exchange(loop, request);
  loop.stop();
}

}  // namespace

Result<LocalAnswer> ask_local(const LocalRequest& request) {
  const SystemClock clock;
  net::Loop loop{clock};
  net::IoResult<std::string> bytes;
  Task<void> task = exchange_and_stop(loop, request, bytes);
  task.start();
  loop.run();
  task.result();
  if (!bytes) {
    return std::unexpected(unavailable(request, std::make_error_code(bytes.error()).message()));
  }
  if (bytes->empty()) return std::unexpected(unavailable(request, "it closed without an answer"));
  return parse_answer(*std::move(bytes));
}

net::Endpoint reachable(net::Endpoint listener) {
  const bool takes_all = listener.address == Address{} || to_string(listener.address) == "0.0.0.0";
  return takes_all ? net::Endpoint::loopback(listener.port) : listener;
}

}  // namespace relay::app
