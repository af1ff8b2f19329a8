#include "net/transfer.h"

#include <sys/socket.h>

#include <cerrno>

namespace relay::net {
namespace {

bool must_wait() noexcept {
  return errno == EAGAIN;
}

}  // namespace

// What fills less than the space has emptied the socket; the next bytes are an edge. After a
// hang-up there are no more edges, so only the end of the stream itself may stop the reader.
Attempt<std::size_t> receive(Watch& watch, std::span<char> space) noexcept {
  if (!watch.readable) return std::nullopt;
  const ssize_t received = ::recv(watch.fd.get(), space.data(), space.size(), 0);
  if (received < 0 && must_wait()) {
    watch.readable = false;
    return std::nullopt;
  }
  if (received < 0) return std::unexpected(last_error());

  const auto count = static_cast<std::size_t>(received);
  if (count < space.size() && !watch.hung_up) watch.readable = false;
  return count;
}

Attempt<Buffer> receive(Watch& watch, BufferPool& pool) noexcept {
  if (!watch.readable) return std::nullopt;
  Buffer buffer = pool.take();
  const Attempt<std::size_t> received = receive(watch, buffer.space());
  if (!received) return std::nullopt;
  if (!*received) return std::unexpected(received->error());
  if (**received == 0) return Buffer{};
  buffer.resize(**received);
  return buffer;
}

Attempt<void> send(Watch& watch, Pieces& pieces) noexcept {
  if (pieces.empty()) return IoResult<void>{};
  const std::span<iovec> rest = pieces.rest();
  msghdr message = {};
  message.msg_iov = rest.data();
  message.msg_iovlen = rest.size();
  const ssize_t sent = ::sendmsg(watch.fd.get(), &message, MSG_NOSIGNAL);
  if (sent < 0 && !must_wait()) return std::unexpected(last_error());

  if (sent > 0) pieces.drop(static_cast<std::size_t>(sent));
  if (pieces.empty()) return IoResult<void>{};
  watch.writable = false;  // The send buffer is full; its drain is an edge.
  return std::nullopt;
}

}  // namespace relay::net
