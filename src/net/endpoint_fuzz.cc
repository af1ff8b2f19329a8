// Invariant under test: an endpoint that was read is written in one way, which reads as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "net/endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::optional<relay::net::Endpoint> endpoint = relay::net::parse_endpoint(text);
  if (!endpoint) return 0;
  if (relay::net::parse_endpoint(relay::net::to_string(*endpoint)) != endpoint) std::abort();
  const auto kernel = relay::net::to_socket_address(*endpoint);
  if (relay::net::to_endpoint(kernel) != *endpoint) std::abort();
  return 0;
}
