#include "load_client/load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "shared/loopback.h"

namespace relay::bench {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{128} * 1024;
constexpr std::size_t events_per_turn = 512;
constexpr int connects_per_turn = 32;  // So that those that are open are not kept waiting.
constexpr std::int64_t errors_max = 1'000;
constexpr Nanos turn_max = 2'000'000;
constexpr Nanos turn_min = 1'000;

Nanos nanos(double seconds) noexcept {
  return static_cast<Nanos>(seconds * static_cast<double>(nanos_per_second));
}

}  // namespace

Load::Load(const Options& options)
    : options_{options},
      requests_{options},
      measurement_{WatchedProcesses{options.pids}},
      epoll_{checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")},
      buffer_(buffer_bytes),
      events_(events_per_turn),
      interval_{nanos(1 / options.rate)} {
}

Load::~Load() {
  ::close(epoll_);
}

void Load::run() {
  Nanos now = monotonic_now();
  next_due_ = static_cast<double>(now);
  while (!measurement_.is_over(now)) {
    open_some(now);
    begin_due(now);
    note_ready(now);
    wait(next_turn(now));
    if (measurement_.errors() > errors_max) throw std::runtime_error{"too many errors"};
    now = monotonic_now();
  }
}

bool Load::waits_for_all() const noexcept {
  return options_.mode == Mode::hold || options_.mode == Mode::idle;
}

void Load::open_some(Nanos now) {
  if (options_.mode == Mode::open) return;
  const int wanted = std::min(options_.connections, opened_ + connects_per_turn);
  for (; opened_ < wanted; ++opened_) begin(connect(), now);
}

void Load::begin_due(Nanos now) {
  if (options_.mode != Mode::open) return;
  for (; next_due_ <= static_cast<double>(now); next_due_ += static_cast<double>(interval_)) {
    Connection* connection = nullptr;
    if (free_.empty()) {
      connection = &connect();
    } else {
      connection = free_.back();
      free_.pop_back();
    }
    begin(*connection, static_cast<Nanos>(next_due_));
  }
}

// The window opens once the load is what it is meant to be.
void Load::note_ready(Nanos now) {
  if (is_planned_) return;
  const int wanted = options_.mode == Mode::open ? 0 : options_.connections;
  if (opened_ < wanted || (waits_for_all() && ready_ < wanted)) return;
  is_planned_ = true;
  measurement_.plan(now, nanos(options_.warmup), nanos(options_.seconds));
  fmt::print(stderr, "ready\n");
}

Nanos Load::next_turn(Nanos now) const noexcept {
  if (options_.mode != Mode::open) return opened_ < options_.connections ? turn_min : turn_max;
  return std::clamp(static_cast<Nanos>(next_due_) - now, turn_min, turn_max);
}

void Load::wait(Nanos time) {
  const timespec patience = {.tv_sec = 0, .tv_nsec = time};
  const int count =
      ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &patience, nullptr);
  for (int i = 0; i < count; ++i) serve(events_[static_cast<std::size_t>(i)]);
}

void Load::serve(const epoll_event& event) {
  const auto fd = static_cast<std::size_t>(event.data.fd);
  if (connections_[fd] == nullptr) return;  // Dropped earlier in this turn.
  Connection& connection = *connections_[fd];
  const bool can_send = (event.events & EPOLLOUT) != 0;
  if (can_send && connection.push(requests_) == Connection::Progress::failed) {
    fail(connection);
    return;
  }
  if ((event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) receive(connection);
}

Connection& Load::connect() {
  auto made = std::make_unique<Connection>(options_.port, connects_++ % options_.sources);
  Connection& connection = *made;
  const auto fd = static_cast<std::size_t>(connection.fd());
  epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.fd = connection.fd()}};
  checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd(), &event), "epoll_ctl");
  if (fd >= connections_.size()) connections_.resize(fd + 1);
  connections_[fd] = std::move(made);
  return connection;
}

void Load::begin(Connection& connection, Nanos due) {
  if (connection.begin(requests_, due) == Connection::Progress::failed) fail(connection);
}

void Load::receive(Connection& connection) {
  for (;;) {
    const ssize_t got = ::recv(connection.fd(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return note_closed(connection);
    const Nanos now = monotonic_now();
    const std::string_view bytes{buffer_.data(), static_cast<std::size_t>(got)};
    measurement_.note_bytes(now, bytes.size());
    if (!connection.has_begun_answer()) {
      measurement_.note_first_byte(now, connection.due());
      if (options_.mode == Mode::hold && connection.is_first_request()) ++ready_;
    }
    const auto note_event = [&](Nanos written) { measurement_.note_event(now, written); };
    switch (connection.take(bytes, note_event)) {
      case Connection::Progress::waits: break;
      case Connection::Progress::ended:
        measurement_.note_end(now, connection.due());
        return end(connection);
      case Connection::Progress::failed: return fail(connection);
    }
    if (bytes.size() < buffer_.size()) return;
  }
}

// The proxy has given its answer: what follows on this connection.
void Load::end(Connection& connection) {
  switch (options_.mode) {
    case Mode::closed:
    case Mode::churn:
    case Mode::hold: begin_next(connection); break;
    case Mode::open: connection.closes() ? drop(connection) : free_.push_back(&connection); break;
    case Mode::idle: ++ready_; break;
  }
}

void Load::begin_next(Connection& connection) {
  const bool is_new = options_.mode == Mode::churn || connection.closes();
  if (is_new) drop(connection);
  begin(is_new ? connect() : connection, monotonic_now());
}

// A server may close what it does not use; of one that is meant to be open it is a failure.
void Load::note_closed(Connection& connection) {
  if (connection.is_busy() || options_.mode == Mode::idle) return fail(connection);
  drop(connection);
}

void Load::fail(Connection& connection) {
  measurement_.note_error();
  if (measurement_.errors() <= 3) {
    fmt::print(stderr, "failed: status {}, {}\n", connection.status(), std::strerror(errno));
  }
  drop(connection);
  if (options_.mode == Mode::closed || options_.mode == Mode::churn) --opened_;
}

void Load::drop(Connection& connection) {
  std::erase(free_, &connection);
  connections_[static_cast<std::size_t>(connection.fd())].reset();
}

}  // namespace relay::bench
