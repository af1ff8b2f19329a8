#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "net/endpoint.h"
#include "net/fd.h"

// The other end of a connection, in tests: a socket outside of the loop.
namespace relay::net {

class Peer {
 public:
  Peer() = default;
  explicit Peer(Fd fd) : fd_{std::move(fd)} {
    const int on = 1;  // Every send() is a packet of its own.
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  // Connects to a port of this host that is listened on.
  static Peer connect(std::uint16_t port) {
    Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    SocketAddress to = to_socket_address(Endpoint::loopback(port));
    EXPECT_EQ(::connect(fd.get(), to.get(), to.size), 0);
    return Peer{std::move(fd)};
  }

  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  // As much as goes at once. False: the other side refuses it.
  bool send_some(std::string_view& text) {
    const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
    return sent > 0 || errno == EAGAIN;
  }

  void send_fin() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_ = {}; }
  void close_with_reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_ = {};
  }

  // All that has come. Call again and again.
  const std::string& hear() {
    std::array<char, 64 * 1024> space;
    while (fd_ && !has_ended_) {
      const ssize_t count = ::recv(fd_.get(), space.data(), space.size(), MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) break;
      was_reset_ = count < 0;
      has_ended_ = count <= 0;
      if (count > 0) heard_.append(space.data(), static_cast<std::size_t>(count));
    }
    return heard_;
  }
  std::string take_heard() {
    hear();
    return std::exchange(heard_, {});
  }

  [[nodiscard]] bool has_ended() {
    hear();
    return has_ended_;
  }
  [[nodiscard]] bool was_reset() {
    hear();
    return was_reset_;
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Fd fd_;
  std::string heard_;
  bool has_ended_ = false;
  bool was_reset_ = false;
};

// Turns the loop until `condition` holds; false if it does not within a few seconds.
template <typename Loop, typename Condition>
[[nodiscard]] bool turn_until(Loop& loop, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  do {
    if (condition()) return true;
    loop.poll();
  } while (std::chrono::steady_clock::now() < deadline);
  return condition();
}

}  // namespace relay::net
