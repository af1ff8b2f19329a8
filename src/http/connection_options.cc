#include "http/connection_options.h"

#include <algorithm>
#include <array>

#include "http/token_list.h"

namespace relay::http {
namespace {

using namespace std::string_view_literals;

constexpr std::array protected_names = {
    // They frame the message.
    "host"sv, "content-length"sv, "transfer-encoding"sv, "content-type"sv, "content-encoding"sv,
    "expect"sv, "trailer"sv,
    // They say who sends it.
    "authorization"sv, "x-api-key"sv, "proxy-authorization"sv, "cookie"sv, "origin"sv, "referer"sv,
    "anthropic-version"sv, "anthropic-beta"sv,
    // They say from where.
    "forwarded"sv, "via"sv, "x-real-ip"sv, "true-client-ip"sv, "x-client-ip"sv};

constexpr std::array protected_prefixes = {"x-forwarded-"sv, "cf-"sv};

bool is_protected(std::string_view name) noexcept {
  return std::ranges::any_of(protected_names, [name](auto p) { return same_name(p, name); }) ||
         std::ranges::any_of(protected_prefixes,
                             [name](auto p) { return same_name(p, name.substr(0, p.size())); });
}

}  // namespace

bool nominates_a_protected_field(std::string_view value) noexcept {
  return !for_each_element(value, [](std::string_view option) { return !is_protected(option); });
}

bool is_nominated(const Fields& fields, std::string_view name) noexcept {
  for (const FieldView field : fields) {
    if (!same_name(field.name, "connection")) continue;
    const bool is_absent = for_each_element(
        field.value, [name](std::string_view option) { return !same_name(option, name); });
    if (!is_absent) return true;
  }
  return false;
}

}  // namespace relay::http
