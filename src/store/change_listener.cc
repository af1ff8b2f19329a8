#include "store/change_listener.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cassert>
#include <functional>
#include <set>

#include "base/limits.h"
#include "base/log.h"
#include "store/postgres.h"
#include "store/postgres_schema.h"

namespace relay::store {

using std::chrono::milliseconds;

ChangeListener::ChangeListener(std::string url, Changed changed)
    : url_{std::move(url)}, changed_{std::move(changed)}, wake_{::eventfd(0, EFD_CLOEXEC)} {
  assert(wake_.get() >= 0 && "out of descriptors at start");
  thread_ = std::jthread{std::bind_front(&ChangeListener::run, this)};
}

ChangeListener::~ChangeListener() {
  thread_.request_stop();
  [[maybe_unused]] const int woken = ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void ChangeListener::run(const std::stop_token& stopping) {
  milliseconds delay = limits::store_retry_delay_first;
  while (!stopping.stop_requested()) {
    const TimePoint began = std::chrono::steady_clock::now();
    const Result<void> listened = listen(stopping);
    if (listened) continue;
    const bool was_up = std::chrono::steady_clock::now() - began > limits::store_retry_delay_max;
    if (was_up) delay = limits::store_retry_delay_first;
    if (delay == limits::store_retry_delay_first) {
      log_warning("changes made elsewhere are not heard of", {{"error", listened.error().detail}});
    }
    delay = std::min<milliseconds>(2 * delay, limits::postgres_listen_retry_delay_max);
    pollfd wake{.fd = wake_.get(), .events = POLLIN, .revents = 0};
    ::poll(&wake, 1, static_cast<int>(delay.count()));
  }
}

// Until the connection breaks, or we are to stop.
Result<void> ChangeListener::listen(const std::stop_token& stopping) {
  const auto connection = PostgresConnection::open(url_);
  if (!connection) return std::unexpected(connection.error());
  Result<void> begun = mark_postgres_in_use(**connection);
  if (begun) begun = (*connection)->run("LISTEN relay_station");
  if (!begun) return begun;
  log_info("changes made elsewhere are heard of");
  changed_({});
  while (!stopping.stop_requested()) {
    const Result<std::vector<std::string>> said =
        (*connection)->notifications(wake_.get(), limits::postgres_listen_check_interval);
    if (!said) return std::unexpected(said.error());
    for (const std::string& table : std::set(said->begin(), said->end())) changed_(table);
    if (!said->empty()) continue;
    const Result<void> is_there = (*connection)->run("SELECT 1");
    if (!is_there) return is_there;
  }
  return {};
}

}  // namespace relay::store
