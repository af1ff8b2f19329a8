#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::app {

// The beginning of a URL: whom to speak to, and what all paths there begin with.
struct Url {
  std::string scheme;     // In lower case.
  std::string user_info;  // "user:password", as it was written.
  std::string host;       // A name, an IPv4 address, or an IPv6 address without its brackets.
  std::uint16_t port = 0;
  std::string path;  // Without a slash at its end: "" or "/v1".

  // What a Host field says: the port is left out where it is the scheme's own.
  [[nodiscard]] std::string authority() const;

  // The URL without its user info.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Url&, const Url&) = default;
};

// Takes http, https, socks5 and socks5h. None: another scheme, no host, a bad port, a query, a
// fragment, or bytes that have no place in a URL.
std::optional<Url> parse_url(std::string_view text);

// The target for an upstream: `base_path` before what the client has asked for. A base path that
// ends in /v1 and a target that begins with /v1 do not double it, and a target elsewhere (/api/...)
// does not get a /v1 that it never had.
std::string join_target(std::string_view base_path, std::string_view target);

}  // namespace relay::app
