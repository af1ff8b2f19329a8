#include "net/request_head_reader.h"

#include <optional>
#include <utility>

#include "http/head_parser.h"

namespace relay::net {
namespace {

// Parses a head that is still growing, but only when that may tell something new: after a line has
// ended, or so many bytes. So a head that comes byte by byte costs no more than its lines.
class GrowingHead {
 public:
  explicit GrowingHead(http::RequestHead& head) noexcept : head_{head} {}

  // All there is of the head, of which the last `fresh` bytes are new.
  Result<std::optional<std::size_t>> parse(std::string_view bytes, std::size_t fresh) {
    const bool has_new_line =
        bytes.substr(bytes.size() - fresh).find('\n') != std::string_view::npos;
    const bool has_grown = bytes.size() - parsed_bytes_ >= limits::head_parse_step_bytes;
    if (parsed_bytes_ != 0 && !has_new_line && !has_grown) return std::nullopt;
    parsed_bytes_ = bytes.size();
    return http::parse_request_head(bytes, head_);
  }

 private:
  http::RequestHead& head_;
  std::size_t parsed_bytes_ = 0;
};

Error too_slow() {
  return {.code = ErrorCode::request_timeout,
          .origin = Origin::client,
          .message = "the request head did not come in time"};
}

}  // namespace

Task<Result<bool>> read_request_head(ServerContext& server, Socket& socket, Inbox& inbox,
                                     http::RequestHead& head) {
  GrowingHead growing{head};
  if (!inbox.empty()) {
    const auto parsed = growing.parse(inbox.view(), inbox.view().size());
    if (!parsed) co_return std::unexpected(parsed.error());
    if (*parsed) {
      inbox.use(**parsed);
      co_return true;
    }
  }
  IdleClient idle{socket};
  if (inbox.empty()) server.idle.push_back(idle);
  TimePoint deadline =
      server.loop.now() + (inbox.empty() ? server.limits.idle_timeout : server.limits.head_timeout);
  for (;;) {
    IoResult<Buffer> buffer = co_await socket.read(server.buffers.stream, deadline);
    const bool is_late = !buffer && buffer.error() == std::errc::timed_out;
    if (is_late && !inbox.empty()) co_return std::unexpected(too_slow());
    if (!buffer || buffer->empty()) co_return false;
    if (inbox.empty()) deadline = server.loop.now() + server.limits.head_timeout;
    idle.unlink();

    const std::size_t fresh = buffer->bytes().size();
    const bool is_first = inbox.empty();
    if (!is_first) inbox.append(buffer->bytes());
    const auto parsed = growing.parse(is_first ? buffer->bytes() : inbox.view(), fresh);
    if (!parsed) co_return std::unexpected(parsed.error());
    if (*parsed && !is_first) inbox.use(**parsed);
    if (is_first) inbox.put(std::move(*buffer), parsed->value_or(0));
    if (*parsed) co_return true;
  }
}

}  // namespace relay::net
