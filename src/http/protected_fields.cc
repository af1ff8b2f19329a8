#include "http/protected_fields.h"

#include "http/name_set.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr NameSet names{// They frame the message.
                        "host", "content-length", "transfer-encoding", "content-type",
                        "content-encoding", "expect", "trailer",
                        // They say who sends it.
                        "authorization", "x-api-key", "proxy-authorization", "cookie", "set-cookie",
                        "origin", "referer", "anthropic-version", "anthropic-beta",
                        // They say from where.
                        "forwarded", "via", "x-real-ip", "true-client-ip", "x-client-ip"};

constexpr PrefixSet prefixes{"x-forwarded-"sv, "cf-"sv};

}  // namespace

bool is_protected_field(FieldName name) noexcept {
  return names.contains(name.id()) || prefixes.begin(name.text());
}

}  // namespace relay::http
