#include "mock_upstream/mock.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "mock_upstream/answers.h"
#include "shared/loopback.h"

namespace relay::bench {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{256} * 1024;
constexpr std::size_t events_per_turn = 512;
constexpr int backlog = 4'096;
constexpr Nanos sleep_max = nanos_per_second;

int open_listener(std::uint16_t port) {
  const int fd =
      checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  set_option(fd, SOL_SOCKET, SO_REUSEADDR);
  set_option(fd, SOL_SOCKET, SO_REUSEPORT);
  const sockaddr_in address = loopback(port);
  checked(::bind(fd, generic(address), sizeof address), "bind");
  checked(::listen(fd, backlog), "listen");
  return fd;
}

void watch(int epoll, int fd, std::uint32_t what) {
  epoll_event event = {.events = what, .data = {.fd = fd}};
  checked(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

}  // namespace

Mock::Mock(std::uint16_t port)
    : epoll_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")},
      listener_{open_listener(port)},
      buffer_(buffer_bytes),
      events_(events_per_turn) {
  watch(epoll_, listener_, EPOLLIN);
}

void Mock::run() {
  for (;;) {
    wait();
    keep_appointments();
  }
}

void Mock::wait() {
  const Nanos due = appointments_.empty() ? sleep_max : appointments_.top().due - monotonic_now();
  const Nanos patience = std::clamp<Nanos>(due, 0, sleep_max - 1);
  const timespec time = {.tv_sec = 0, .tv_nsec = patience};
  const int count =
      ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &time, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.fd == listener_) {
      accept_all();
      continue;
    }
    Client& client = *clients_[static_cast<std::size_t>(event.data.fd)];
    if (client.fd >= 0 && (event.events & EPOLLOUT) != 0) flush(client);
    if (client.fd >= 0 && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(client);
  }
}

void Mock::keep_appointments() {
  const Nanos now = monotonic_now();
  while (!appointments_.empty() && appointments_.top().due <= now) {
    const Appointment appointment = appointments_.top();
    appointments_.pop();
    Client& client = *clients_[static_cast<std::size_t>(appointment.fd)];
    if (client.number == appointment.number) stream(client);
  }
}

void Mock::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    const auto place = static_cast<std::size_t>(fd);
    if (place >= clients_.size()) clients_.resize(place + 1);
    clients_[place] = std::make_unique<Client>(Client{.fd = fd, .number = next_number_++});
    watch(epoll_, fd, EPOLLIN | EPOLLOUT | EPOLLET);
  }
}

void Mock::receive(Client& client) {
  for (;;) {
    const ssize_t got = ::recv(client.fd, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return drop(client);
    const auto bytes = static_cast<std::size_t>(got);
    if (client.reader.read({buffer_.data(), bytes})) answer(client);
    if (client.fd < 0 || bytes < buffer_.size()) return;
  }
}

// Nobody pipelines, so what ends a request ends what was read.
void Mock::answer(Client& client) {
  const MockRequest& request = client.reader.request();
  if (!request.wants_stream) {
    send(client, json_answer());
    return;
  }
  client.next_event = 0;
  const bool is_taken = send(client, stream_start());
  if (request.delay > 0) {
    // Streams that begin together must not stay in step.
    const Nanos phase = std::uniform_int_distribution<Nanos>{0, request.delay}(random_);
    meet(client, monotonic_now() + phase);
  } else if (is_taken) {
    stream(client);
  }
}

// Writes the next event and comes back later, or without a delay all that the socket takes.
void Mock::stream(Client& client) {
  const MockRequest& request = client.reader.request();
  bool is_taken = true;
  while (is_taken && client.next_event >= 0) {
    const Nanos now = monotonic_now();
    const int event = client.next_event++;
    if (client.next_event == request.events) client.next_event = -1;
    is_taken = send(client, stream_event(event, request.events, now));
    if (client.fd < 0) return;
    if (request.delay > 0) {
      if (client.next_event >= 0) meet(client, now + request.delay);
      return;
    }
  }
}

void Mock::meet(Client& client, Nanos due) {
  appointments_.push({due, client.fd, client.number});
}

bool Mock::send(Client& client, std::string_view bytes) {
  if (!client.unsent.empty()) {
    client.unsent.append(bytes);
    return false;
  }
  const ssize_t sent = ::send(client.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(bytes.size())) return true;
  if (sent < 0 && errno != EAGAIN) {
    drop(client);
    return false;
  }
  client.unsent = bytes.substr(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  return false;
}

void Mock::flush(Client& client) {
  if (client.unsent.empty()) return;
  const std::string unsent = std::exchange(client.unsent, {});
  const bool is_taken = send(client, unsent);
  if (is_taken && client.next_event >= 0 && client.reader.request().delay == 0) stream(client);
}

void Mock::drop(Client& client) {
  ::close(client.fd);
  client.fd = -1;
  client.number = 0;
}

}  // namespace relay::bench
