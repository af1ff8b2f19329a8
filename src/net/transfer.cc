#include "net/transfer.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "net/socket_options.h"

namespace relay::net {
namespace {

bool must_wait() noexcept {
  return errno == EAGAIN;
}

ssize_t send_list(int socket, Pieces& pieces) noexcept {
  const std::span<iovec> rest = pieces.rest();
  msghdr message = {};
  message.msg_iov = rest.data();
  message.msg_iovlen = rest.size();
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

// A list of pieces costs the kernel more than a copy of a few kilobytes costs us.
ssize_t send_some(int socket, Pieces& pieces) noexcept {
  constexpr std::size_t gathered_bytes_max = 8'192;
  if (pieces.rest().size() == 1) {
    const std::string_view only = pieces.front();
    return ::send(socket, only.data(), only.size(), MSG_NOSIGNAL);
  }
  if (pieces.bytes() > gathered_bytes_max) return send_list(socket, pieces);
  std::array<char, gathered_bytes_max> gathered;
  const std::size_t bytes = pieces.copy_to(gathered);
  return ::send(socket, gathered.data(), bytes, MSG_NOSIGNAL);
}

Attempt<void> send_sealed(Watch& watch, TlsSession& tls) noexcept {
  Pieces unsent{tls.unsent()};
  const std::size_t before = unsent.bytes();
  const Attempt<void> sent = send(watch, unsent);
  tls.drop_sent(before - unsent.bytes());
  return sent;
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
  const ssize_t sent = send_some(watch.fd.get(), pieces);
  if (sent < 0 && !must_wait()) return std::unexpected(last_error());

  if (sent > 0) pieces.drop(static_cast<std::size_t>(sent));
  if (pieces.empty()) return IoResult<void>{};
  watch.writable = false;  // The send buffer is full; its drain is an edge.
  return std::nullopt;
}

bool takes_more(const Watch& watch, std::int64_t unsent, std::int64_t& left) noexcept {
  int unacknowledged = 0;
  static_cast<void>(::ioctl(watch.fd.get(), SIOCOUTQ, &unacknowledged));  // Of no socket: none.
  const std::int64_t left_now = unsent + unacknowledged;
  return left_now < std::exchange(left, left_now);
}

// Decrypting may have answered the peer, for example with a new key. If the socket cannot take that
// now, the next write will send it first.
Attempt<Buffer> receive(Watch& watch, TlsSession& tls, BufferPool& pool) noexcept {
  for (;;) {
    Buffer sealed;
    if (!tls.has_more()) {
      Attempt<Buffer> received = receive(watch, pool);
      if (!received || !*received) return received;
      if ((*received)->empty()) return std::unexpected(std::errc::connection_aborted);
      sealed = std::move(**received);
    }
    Buffer plain = pool.take();
    const IoResult<TlsSession::Opened> opened = tls.open(sealed.bytes(), plain.space());
    if (!tls.unsent().empty() && watch.writable) static_cast<void>(send_sealed(watch, tls));
    if (!opened) return std::unexpected(opened.error());
    plain.resize(opened->bytes);
    if (opened->bytes > 0) return plain;
    if (opened->is_end) return Buffer{};
  }
}

void gather(Watch& watch) noexcept {
  if (watch.gathers) return;
  watch.gathers = set_option(watch.fd, SOL_SOCKET, SO_RCVLOWAT, int{limits::burst_bytes});
}

bool stop_gathering(Watch& watch) noexcept {
  if (!watch.gathers) return false;
  static_cast<void>(set_option(watch.fd, SOL_SOCKET, SO_RCVLOWAT, 1));
  watch.gathers = false;
  watch.readable = true;
  return true;
}

Attempt<void> send(Watch& watch, TlsSession& tls, Pieces& pieces) noexcept {
  for (;;) {
    if (tls.unsent().empty() && !tls.seal(pieces)) {
      return std::unexpected(std::errc::protocol_error);
    }
    const Attempt<void> sent = send_sealed(watch, tls);
    if (!sent || !*sent || (pieces.empty() && tls.unsent().empty())) return sent;
  }
}

}  // namespace relay::net
