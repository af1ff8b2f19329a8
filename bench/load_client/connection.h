#pragma once

#include <cstdint>
#include <string_view>

#include "load_client/answer_reader.h"
#include "load_client/event_stamps.h"
#include "load_client/requests.h"
#include "shared/monotonic.h"

namespace relay::bench {

// A connection to the proxy and the request that is under way on it.
class Connection {
 public:
  enum class Progress : std::uint8_t { waits, ended, failed };

  // Connects, from the `source`th address of 127.0.0.0/8. Throws if that fails.
  Connection(std::uint16_t port, int source);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Sends a request that was due then.
  Progress begin(Requests& requests, Nanos due);

  // Sends what is left of it, if the socket takes it.
  Progress push(Requests& requests);

  // Notes bytes of its answer that have come, and whether they end it. `found(Nanos)` hears of each
  // event's stamp.
  template <typename Found>
  Progress take(std::string_view bytes, Found&& found) {
    has_begun_answer_ = true;
    stamps_.read(bytes, found);
    if (!answer_.read(bytes)) return Progress::waits;
    is_busy_ = false;
    return answer_.status() == 200 ? Progress::ended : Progress::failed;
  }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] bool is_busy() const noexcept { return is_busy_; }
  [[nodiscard]] bool has_begun_answer() const noexcept { return has_begun_answer_; }
  [[nodiscard]] bool is_first_request() const noexcept { return requests_ == 1; }
  [[nodiscard]] Nanos due() const noexcept { return due_; }
  [[nodiscard]] int status() const noexcept { return answer_.status(); }
  [[nodiscard]] bool closes() const noexcept { return answer_.closes(); }

 private:
  int fd_;
  bool is_busy_ = false;
  bool has_begun_answer_ = false;
  int requests_ = 0;
  Nanos due_ = 0;
  std::size_t head_ = 0;
  std::size_t sent_ = 0;
  AnswerReader answer_;
  EventStamps stamps_;
};

}  // namespace relay::bench
