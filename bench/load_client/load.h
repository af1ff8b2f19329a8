#pragma once

#include <sys/epoll.h>

#include <memory>
#include <vector>

#include "load_client/connection.h"
#include "load_client/measurement.h"
#include "load_client/options.h"
#include "load_client/requests.h"

namespace relay::bench {

// Loads a proxy as the options say, on one thread, and measures how it bears it.
class Load {
 public:
  explicit Load(const Options& options);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  // Until the time to measure is over. Throws when nothing can be measured: the proxy is not there,
  // or keeps failing.
  void run();

  [[nodiscard]] const Measurement& measurement() const noexcept { return measurement_; }

 private:
  [[nodiscard]] bool waits_for_all() const noexcept;
  void open_some(Nanos now);
  void begin_due(Nanos now);
  void note_ready(Nanos now);
  [[nodiscard]] Nanos next_turn(Nanos now) const noexcept;
  void wait(Nanos time);
  void serve(const epoll_event& event);

  Connection& connect();
  void begin(Connection& connection, Nanos due);
  void receive(Connection& connection);
  void end(Connection& connection);
  void begin_next(Connection& connection);
  void note_closed(Connection& connection);
  void fail(Connection& connection);
  void drop(Connection& connection);

  const Options options_;
  Requests requests_;
  Measurement measurement_;
  int epoll_;
  std::vector<char> buffer_;
  std::vector<epoll_event> events_;
  std::vector<std::unique_ptr<Connection>> connections_;  // By descriptor.
  std::vector<Connection*> free_;                         // With --mode open.
  double next_due_ = 0;                                   // With --mode open.
  Nanos interval_;
  int connects_ = 0;
  int opened_ = 0;
  int ready_ = 0;  // With --mode hold and idle: connections that are where they should be.
  bool is_planned_ = false;
};

}  // namespace relay::bench
