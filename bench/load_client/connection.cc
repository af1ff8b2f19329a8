#include "load_client/connection.h"

#include <unistd.h>

#include <cerrno>

#include "shared/loopback.h"

namespace relay::bench {

Connection::Connection(std::uint16_t port, int source)
    : fd_{checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")} {
  if (source > 0) {
    set_option(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    const sockaddr_in from = loopback(0, INADDR_LOOPBACK + static_cast<std::uint32_t>(source));
    checked(::bind(fd_, generic(from), sizeof from), "bind");
  }
  const sockaddr_in to = loopback(port);
  checked(::connect(fd_, generic(to), sizeof to), "connect");
  set_option(fd_, IPPROTO_TCP, TCP_NODELAY);
}

Connection::~Connection() {
  ::close(fd_);
}

Connection::Progress Connection::begin(Requests& requests, Nanos due) {
  is_busy_ = true;
  ++requests_;
  has_begun_answer_ = false;
  due_ = due;
  head_ = requests.next();
  sent_ = 0;
  answer_.reset();
  stamps_.reset();
  return push(requests);
}

Connection::Progress Connection::push(Requests& requests) {
  while (is_busy_ && sent_ < requests.bytes(head_)) {
    std::array<iovec, 2> rest = requests.rest(head_, sent_);
    const msghdr message = {.msg_iov = rest.data(), .msg_iovlen = rest.size()};
    const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN ? Progress::waits : Progress::failed;
    sent_ += static_cast<std::size_t>(sent);
  }
  return Progress::waits;
}

}  // namespace relay::bench
