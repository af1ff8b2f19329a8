// Invariants under test: the address of a client is the peer's, one that stands in the field, or
// not known; it is never a trusted proxy's while a stranger stands to its right; and what a client
// puts to the left of what a proxy has appended changes nothing.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/forwarded.h"

namespace relay::http {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

Fields with(std::string_view list) {
  Fields fields;
  fields.add("X-Forwarded-For", list);
  return fields;
}

void check(std::string_view text) {
  const std::array trusted = {*parse_address_range("10.0.0.0/8"), *parse_address_range("fc00::/7")};
  const Address proxy = *parse_address("10.0.0.1");
  const Address stranger = *parse_address("192.0.2.1");

  const Address client = client_address(proxy, with(text), trusted);
  require(!client.is_known() || text.find_first_of(".:") != std::string_view::npos);

  // Whoever is not trusted is who it is.
  require(client_address(stranger, with(text), trusted) == stranger);

  // A proxy appends whom it serves.
  const std::string appended = std::string{text} + ", 192.0.2.1";
  require(client_address(proxy, with(appended), trusted) == stranger);
  Fields in_two = with(text);
  in_two.add("x-forwarded-for", "192.0.2.1");
  require(client_address(proxy, in_two, trusted) == stranger);

  // And a second one the first.
  const std::string twice = appended + ", 10.2.3.4";
  require(client_address(proxy, with(twice), trusted) == stranger);

  const std::string origin = public_origin(with(text), true);
  require(origin == "http://localhost");
}

}  // namespace
}  // namespace relay::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  relay::http::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
