#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <system_error>

// What both programs need of sockets. They listen and connect on 127.0.0.0/8 only.
namespace relay::bench {

inline sockaddr_in loopback(std::uint16_t port, std::uint32_t host = INADDR_LOOPBACK) noexcept {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

inline const sockaddr* generic(const sockaddr_in& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

inline void set_option(int fd, int level, int option) noexcept {
  constexpr int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

// Throws what errno says, unless `result` is no error.
inline int checked(int result, const char* what) {
  if (result < 0) throw std::system_error{errno, std::generic_category(), what};
  return result;
}

}  // namespace relay::bench
