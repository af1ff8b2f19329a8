#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exchange/web_origin.h"

// The first line is a pattern, the rest an origin. Where they match, the host that a reader finds
// between "://" and what follows is the pattern's, or one below it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t line = std::min(input.find('\n'), size);
  const std::string_view pattern = input.substr(0, line);
  const std::string_view text = input.substr(std::min(line + 1, size));
  const auto origin = relay::exchange::parse_web_origin(text);
  if (!origin) return 0;
  const std::size_t begin = text.find("://") + 3;
  assert(text.substr(begin).starts_with(origin->host) && !origin->host.empty());
  assert(origin->host.find_first_of("@/\\?# ") == std::string_view::npos ||
         origin->host.front() == '[');
  if (!relay::exchange::matches_domain(*origin, pattern)) return 0;

  std::string wanted{pattern.starts_with("*.") ? pattern.substr(2) : pattern};
  if (!wanted.ends_with(']')) wanted.resize(std::min(wanted.rfind(':'), wanted.size()));
  const std::string_view host = origin->host;
  assert(host.size() >= wanted.size());
  const std::string_view end = host.substr(host.size() - wanted.size());
  assert(relay::http::same_name(end, wanted));
  assert(host.size() == wanted.size() || host[host.size() - wanted.size() - 1] == '.');
  return 0;
}
