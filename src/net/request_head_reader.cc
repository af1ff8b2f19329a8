#include "net/request_head_reader.h"

#include <utility>

#include "http/head_parser.h"
#include "net/head_progress.h"

namespace relay::net {
namespace {

Error too_slow() {
  return {.code = ErrorCode::request_timeout,
          .origin = Origin::client,
          .message = "The request head did not come in time."};
}

// Whether the head is complete, and used then. The last `fresh` bytes of the inbox are new.
Result<bool> parse(Inbox& inbox, std::size_t fresh, HeadProgress& progress,
                   Spares<http::RequestHead>& spares, std::unique_ptr<http::RequestHead>& head) {
  if (inbox.empty() || !progress.is_worth_parsing(inbox.view(), fresh)) return false;
  if (head == nullptr) head = spares.take();
  const auto parsed = http::parse_request_head(inbox.view(), *head);
  if (!parsed) return std::unexpected(parsed.error());
  inbox.use(parsed->value_or(0));
  return parsed->has_value();
}

}  // namespace

Task<Result<bool>> read_request_head(ServerContext& server, Socket& socket, Inbox& inbox,
                                     std::unique_ptr<http::RequestHead>& head) {
  HeadProgress progress;
  IdleClient idle{socket};
  if (inbox.empty()) server.idle.push_back(idle);
  TimePoint deadline =
      server.loop.now() + (inbox.empty() ? server.limits.idle_timeout : server.limits.head_timeout);
  std::size_t fresh = inbox.view().size();
  for (;;) {
    const Result<bool> is_complete = parse(inbox, fresh, progress, server.buffers.requests, head);
    if (!is_complete || *is_complete) {
      inbox.settle(limits::copied_bytes_max);
      co_return is_complete;
    }
    inbox.settle(limits::request_head_bytes_max + limits::stream_buffer_bytes);
    IoResult<Buffer> buffer = co_await socket.read(server.buffers.stream, deadline);
    const bool is_late = !buffer && buffer.error() == std::errc::timed_out;
    if (is_late && !inbox.empty()) co_return std::unexpected(too_slow());
    if (!buffer || buffer->empty()) co_return false;
    if (inbox.empty()) deadline = server.loop.now() + server.limits.head_timeout;
    idle.unlink();
    fresh = buffer->bytes().size();
    inbox.add(std::move(*buffer));
  }
}

}  // namespace relay::net
