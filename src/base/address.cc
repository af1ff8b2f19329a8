#include "base/address.h"

#include <arpa/inet.h>

namespace relay {

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const bool is_v4 = address.is_v4();
  const std::uint8_t* const bytes = address.bytes.data() + (is_v4 ? 12 : 0);
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
  return text;
}

}  // namespace relay
