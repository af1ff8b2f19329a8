#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"

namespace relay::exchange {

// The host and port of a web page that a browser made a request from.
struct WebOrigin {
  std::string_view host;   // Any case; an IPv6 address in its brackets.
  std::uint16_t port = 0;  // 0: neither said nor known by the scheme.
};

// Of "https://app.example.com:8443", and of a URL that goes on behind that. None: "null", a list,
// user information, or anything else that no browser sends.
std::optional<WebOrigin> parse_web_origin(std::string_view text) noexcept;

// The page that a request says it was sent from: its Origin, or its Referer where there is none.
// It says so because a browser made it; whoever is not a browser may say what they like.
std::optional<WebOrigin> web_origin_of(const http::Fields& fields) noexcept;

// Whether `pattern` stands for the origin: "example.com", "*.example.com" for what lies below that,
// or either with a port, which then counts. Hosts are written as browsers do, in A-labels.
bool matches_domain(const WebOrigin& origin, std::string_view pattern) noexcept;

}  // namespace relay::exchange
