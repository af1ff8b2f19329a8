#include "http/protected_fields.h"

#include <algorithm>
#include <array>

#include "http/head.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::array names = {
    // They frame the message.
    "host"sv, "content-length"sv, "transfer-encoding"sv, "content-type"sv, "content-encoding"sv,
    "expect"sv, "trailer"sv,
    // They say who sends it.
    "authorization"sv, "x-api-key"sv, "proxy-authorization"sv, "cookie"sv, "set-cookie"sv,
    "origin"sv, "referer"sv, "anthropic-version"sv, "anthropic-beta"sv,
    // They say from where.
    "forwarded"sv, "via"sv, "x-real-ip"sv, "true-client-ip"sv, "x-client-ip"sv};

constexpr std::array prefixes = {"x-forwarded-"sv, "cf-"sv};

}  // namespace

bool is_protected_field(std::string_view name) noexcept {
  return std::ranges::any_of(names, [name](auto known) { return same_name(known, name); }) ||
         std::ranges::any_of(prefixes, [name](auto prefix) {
           return same_name(prefix, name.substr(0, prefix.size()));
         });
}

}  // namespace relay::http
