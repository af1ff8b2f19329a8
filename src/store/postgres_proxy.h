#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <list>
#include <string>
#include <thread>

#include "store/file.h"

namespace relay::store {

// Stands between a store and its PostgreSQL server, on a port of the loopback. Counts the bytes
// that pass, in both directions together, and cuts every connection after as many as it was told.
class CuttingProxy {
 public:
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

  explicit CuttingProxy(const std::string& server_socket) : wake_{::eventfd(0, EFD_CLOEXEC)} {
    ::strncpy(server_.sun_path, server_socket.c_str(), sizeof(server_.sun_path) - 1);
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 8) != 0 ||
        ::getsockname(listener_.get(), any, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread{[this](const std::stop_token& stopping) { run(stopping); }};
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;
  ~CuttingProxy() {
    thread_.request_stop();
    ::eventfd_write(wake_.get(), 1);
  }

  [[nodiscard]] std::string url(const std::string& schema) const {
    return "postgresql://relay@127.0.0.1:" + std::to_string(port_) +
           "/postgres?sslmode=disable&gssencmode=disable&options=-csearch_path%3D" + schema;
  }

  // Counts from now on.
  void cut_after(std::size_t bytes) {
    passed_ = 0;
    bytes_max_ = bytes;
  }
  [[nodiscard]] std::size_t passed() const { return passed_; }

 private:
  struct Pair {
    File client;
    File server;
  };

  void run(const std::stop_token& stopping) {
    while (!stopping.stop_requested()) {
      std::vector<pollfd> watched = {{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
      for (const Pair& pair : pairs_) {
        watched.push_back({pair.client.get(), POLLIN, 0});
        watched.push_back({pair.server.get(), POLLIN, 0});
      }
      ::poll(watched.data(), watched.size(), -1);
      std::size_t at = 2;
      for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
        bool lives = true;
        if (watched[at].revents != 0) lives = pass(pair->client, pair->server);
        if (lives && watched[at + 1].revents != 0) lives = pass(pair->server, pair->client);
        pair = lives ? std::next(pair) : pairs_.erase(pair);
      }
      if (watched[0].revents != 0) accept();
    }
  }

  void accept() {
    Pair pair{File{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)},
              File{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}};
    const auto* const server = reinterpret_cast<const sockaddr*>(&server_);
    if (::connect(pair.server.get(), server, sizeof(server_)) != 0) return;
    pairs_.push_back(std::move(pair));
  }

  // False: an end is gone, or is to go now.
  bool pass(const File& from, const File& to) {
    std::array<char, 65'536> bytes;
    const ssize_t count = ::recv(from.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) return false;
    const std::size_t may_pass = std::min(static_cast<std::size_t>(count),
                                          bytes_max_ - std::min<std::size_t>(passed_, bytes_max_));
    if (may_pass > 0 && ::send(to.get(), bytes.data(), may_pass, MSG_NOSIGNAL) < 0) return false;
    passed_ += may_pass;
    return may_pass == static_cast<std::size_t>(count) && passed_ < bytes_max_;
  }

  File listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  File wake_;
  sockaddr_un server_{.sun_family = AF_UNIX, .sun_path = {}};
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> bytes_max_ = never;
  std::atomic<std::size_t> passed_ = 0;
  std::list<Pair> pairs_;
  std::jthread thread_;
};

}  // namespace relay::store
