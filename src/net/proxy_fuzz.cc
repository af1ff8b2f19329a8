// Invariants under test: what is accepted as a proxy can be said to it without injecting anything
// into the request, and the request is one a strict parser would take for a single head.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "net/proxy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view url{reinterpret_cast<const char*>(data), size};
  const std::optional<relay::net::Proxy> proxy = relay::net::parse_proxy(url);
  if (!proxy) return 0;
  if (proxy->host.empty() || proxy->port == 0) std::abort();

  const std::string request = relay::net::connect_request(*proxy, "upstream.test", 443);
  if (request.find("\r\n\r\n") != request.size() - 4) std::abort();
  for (const char byte : request) {
    if (static_cast<unsigned char>(byte) >= 0x7f || (byte < ' ' && byte != '\r' && byte != '\n')) {
      std::abort();
    }
  }
  if (relay::net::socks_login(*proxy).size() > 3 + 2 * 255) std::abort();
  return 0;
}
