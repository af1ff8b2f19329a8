#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "mock_upstream/request_reader.h"
#include "shared/monotonic.h"

namespace relay::bench {

// A loop that plays api.anthropic.com on 127.0.0.1, one write to each event, so that what a proxy
// gathers is the proxy's doing. Several threads may each run one on the same port.
class Mock {
 public:
  explicit Mock(std::uint16_t port);
  Mock(const Mock&) = delete;
  Mock& operator=(const Mock&) = delete;

  // For ever.
  [[noreturn]] void run();

 private:
  struct Client {
    int fd = -1;
    std::uint64_t number = 0;  // Of the connection: descriptors are used again.
    RequestReader reader = {};
    int next_event = -1;      // Of the stream under way; -1: none.
    std::string unsent = {};  // What the socket did not take.
  };
  struct Appointment {
    Nanos due;
    int fd;
    std::uint64_t number;
    bool operator>(const Appointment& other) const noexcept { return due > other.due; }
  };

  void wait();
  void keep_appointments();
  void accept_all();
  void receive(Client& client);
  void answer(Client& client);
  void stream(Client& client);
  void meet(Client& client, Nanos due);
  bool send(Client& client, std::string_view bytes);
  void flush(Client& client);
  void drop(Client& client);

  int epoll_;
  int listener_;
  std::uint64_t next_number_ = 1;
  std::minstd_rand random_{42};
  std::vector<char> buffer_;
  std::vector<epoll_event> events_;
  std::vector<std::unique_ptr<Client>> clients_;  // By descriptor.
  std::priority_queue<Appointment, std::vector<Appointment>, std::greater<>> appointments_;
};

}  // namespace relay::bench
