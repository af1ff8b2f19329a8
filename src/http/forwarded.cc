#include "http/forwarded.h"

#include <optional>

#include "base/limits.h"
#include "http/characters.h"
#include "http/host.h"

namespace relay::http {
namespace {

// One hop: an address, perhaps with a port, which some proxies add.
std::optional<Address> hop_address(std::string_view hop) noexcept {
  if (const auto plain = parse_address(hop)) return plain;
  if (!is_valid_host(hop)) return std::nullopt;
  const bool is_bracketed = hop.starts_with('[');
  if (!is_bracketed) return parse_address(hop.substr(0, hop.find(':')));
  return parse_address(hop.substr(1, hop.find(']') - 1));
}

// The elements of X-Forwarded-For from the last to the first: several fields are one list (RFC 9110
// section 5.2), and empty elements are none.
class Hops {
 public:
  explicit Hops(const Fields& fields) noexcept : fields_{fields}, left_{fields.size()} {}

  std::optional<std::string_view> next() noexcept {
    for (;;) {
      while (list_.empty()) {
        if (left_ == 0) return std::nullopt;
        const FieldView field = fields_[--left_];
        if (field.name == "x-forwarded-for") list_ = field.value;
      }
      const std::size_t comma = list_.rfind(',');
      const bool is_first = comma == std::string_view::npos;
      const std::string_view hop = trimmed(is_first ? list_ : list_.substr(comma + 1));
      list_ = list_.substr(0, is_first ? 0 : comma);
      if (!hop.empty()) return hop;
    }
  }

 private:
  const Fields& fields_;
  std::size_t left_;
  std::string_view list_;  // Of one field, what is left of it.
};

std::optional<std::string_view> only(const Fields& fields, FieldName name) noexcept {
  return fields.count(name) == 1 ? fields.find(name) : std::nullopt;
}

}  // namespace

Address client_address(const Address& peer, const Fields& fields,
                       std::span<const AddressRange> trusted) noexcept {
  if (!contains(trusted, peer) || !fields.find("x-forwarded-for")) return peer;
  Address client;
  Hops hops{fields};
  for (std::size_t walked = 0; const auto hop = hops.next(); ++walked) {
    const std::optional<Address> address = hop_address(*hop);
    if (!address || walked == limits::forwarded_hops_max) return {};
    if (!contains(trusted, *address)) return *address;
    client = *address;
  }
  return client;
}

std::string public_origin(const Fields& fields, bool is_proxied) {
  std::string_view scheme = "http";
  std::string_view host = fields.find("host").value_or("localhost");
  if (is_proxied) {
    const auto proto = only(fields, "x-forwarded-proto");
    if (proto && same_name(*proto, "https")) scheme = "https";
    const auto forwarded = only(fields, "x-forwarded-host");
    if (forwarded && is_valid_host(*forwarded)) host = *forwarded;
  }
  return std::string{scheme}.append("://").append(host);
}

}  // namespace relay::http
