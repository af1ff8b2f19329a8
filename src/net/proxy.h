#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace relay::net {

// An outbound proxy, through which an upstream is reached.
struct Proxy {
  enum class Kind : std::uint8_t { http, socks5 };

  Kind kind = Kind::http;
  std::string host;  // A name or an address, without brackets.
  std::uint16_t port = 0;
  std::string user = {};  // Empty: no login.
  Secret password = {};
};

// "http://[user:password@]host:port" or "socks5://...", also written socks5h://. User and password
// may have percent escapes. An IPv6 address stands in brackets. Nothing else may follow.
[[nodiscard]] std::optional<Proxy> parse_proxy(std::string_view url);

// "host:port", with brackets around an IPv6 address.
[[nodiscard]] std::string authority(std::string_view host, std::uint16_t port);

// The bytes that a client says to its proxy. Names are passed on for the proxy to look up.

// RFC 9110 section 9.3.6, with the login in the Basic scheme (RFC 7617).
[[nodiscard]] std::string connect_request(const Proxy& proxy, std::string_view host,
                                          std::uint16_t port);

// RFC 1928 section 3: offers to log in only where there is a user.
[[nodiscard]] std::string socks_greeting(const Proxy& proxy);

// RFC 1929. User and password are cut at 255 bytes each.
[[nodiscard]] std::string socks_login(const Proxy& proxy);

// RFC 1928 section 4: CONNECT. A host is cut at 255 bytes.
[[nodiscard]] std::string socks_request(std::string_view host, std::uint16_t port);

// RFC 1928 section 6.
[[nodiscard]] std::string_view socks_refusal(std::uint8_t reply) noexcept;

}  // namespace relay::net
