#include "http/protected_fields.h"

#include "http/name_set.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr NameSet names{// They frame the message.
                        "host"sv, "content-length"sv, "transfer-encoding"sv, "content-type"sv,
                        "content-encoding"sv, "expect"sv, "trailer"sv,
                        // They say who sends it.
                        "authorization"sv, "x-api-key"sv, "proxy-authorization"sv, "cookie"sv,
                        "set-cookie"sv, "origin"sv, "referer"sv, "anthropic-version"sv,
                        "anthropic-beta"sv,
                        // They say from where.
                        "forwarded"sv, "via"sv, "x-real-ip"sv, "true-client-ip"sv, "x-client-ip"sv};

constexpr PrefixSet prefixes{"x-forwarded-"sv, "cf-"sv};

}  // namespace

bool is_protected_field(std::string_view name) noexcept {
  return names.contains(name) || prefixes.begin(name);
}

}  // namespace relay::http
