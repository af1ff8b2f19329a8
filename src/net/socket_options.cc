#include "net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/limits.h"

namespace relay::net {
namespace {

constexpr int seconds(std::chrono::seconds time) noexcept {
  return static_cast<int>(time.count());
}

}  // namespace

bool set_option(const Fd& fd, int level, int option, int value) noexcept {
  return ::setsockopt(fd.get(), level, option, &value, sizeof value) == 0;
}

// Small events must not wait for one another; and while an answer takes ten minutes, nobody else
// would notice that the peer's machine is gone. Who has no such option does without.
void set_for_exchanges(const Fd& fd) noexcept {
  static_cast<void>(set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1));
  static_cast<void>(set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1));
  static_cast<void>(set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds(limits::keepalive_idle)));
  static_cast<void>(
      set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds(limits::keepalive_interval)));
  static_cast<void>(set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, limits::keepalive_probes));
}

}  // namespace relay::net
