#include "http/field_policy.h"

#include "http/name_set.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr NameSet never_upstream{
    // Written anew, or by us alone.
    "host", "content-length", "transfer-encoding", "connection",
    // Of the client's connection.
    "te", "trailer", "upgrade", "expect", "keep-alive", "http2-settings",
    // The client's credentials.
    "authorization", "x-api-key", "api-key", "cookie", "cookie2",
    // Who the client is, or says it is.
    "forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip",
    "fastly-client-ip", "client-ip", "x-host", "origin", "referer",
    // They would make another request of it.
    "x-http-method", "x-http-method-override", "x-method-override", "x-rewrite-url"};

constexpr PrefixSet never_upstream_prefixes{"proxy-"sv,   "x-forwarded"sv, "cf-"sv,
                                            "x-envoy-"sv, "x-original-"sv, "x-relay-"sv};

constexpr NameSet known_upstream{"accept",
                                 "accept-encoding",
                                 "content-type",
                                 "content-encoding",
                                 "user-agent",
                                 "x-app",
                                 "idempotency-key",
                                 "range",
                                 "if-range",
                                 "if-match",
                                 "if-none-match",
                                 "if-modified-since",
                                 "if-unmodified-since"};

constexpr PrefixSet known_upstream_prefixes{"anthropic-"sv, "x-stainless-"sv, "x-claude-"sv};

constexpr NameSet never_to_client{
    // Written anew, or by us alone.
    "content-length", "transfer-encoding", "connection", "date", "server", "x-relay-request-id",
    // Of the upstream's connection.
    "te", "trailer", "upgrade", "keep-alive", "via",
    // They speak of the upstream's site, or to a browser that believes to be there.
    "set-cookie", "set-cookie2", "strict-transport-security", "public-key-pins", "alt-svc", "nel",
    "report-to", "reporting-endpoints", "expect-ct", "clear-site-data",
    // Whose account it is.
    "anthropic-organization-id",
    // Orders to a proxy in front of us.
    "x-sendfile", "x-lighttpd-send-file", "x-reproxy-url"};

constexpr PrefixSet never_to_client_prefixes{"proxy-"sv, "x-accel-"sv};

constexpr bool may_pass_upstream(FieldName name, ForwardHeaders unknown) noexcept {
  if (name.text().find('_') != std::string_view::npos) return false;
  if (never_upstream.contains(name.id()) || never_upstream_prefixes.begin(name.text())) {
    return false;
  }
  return unknown == ForwardHeaders::denylist || known_upstream.contains(name.id()) ||
         known_upstream_prefixes.begin(name.text());
}

constexpr bool may_pass_to_client(FieldName name) noexcept {
  return !never_to_client.contains(name.id()) && !never_to_client_prefixes.begin(name.text());
}

// Those of the known names that pass: decided before the program runs.
template <typename Rule>
consteval FieldIds known_that_pass(Rule may_pass) {
  FieldIds ids;
  for (std::size_t i = 0; i < known_field_names.size(); ++i) {
    const FieldName name{known_field_names[i], static_cast<FieldId>(i)};
    if (may_pass(name)) ids.add(name.id());
  }
  return ids;
}

constexpr FieldIds pass_upstream_by_denylist = known_that_pass(
    [](FieldName name) { return may_pass_upstream(name, ForwardHeaders::denylist); });
constexpr FieldIds pass_upstream_by_allowlist = known_that_pass(
    [](FieldName name) { return may_pass_upstream(name, ForwardHeaders::allowlist); });
constexpr FieldIds pass_to_client = known_that_pass(may_pass_to_client);

}  // namespace

bool passes_upstream(FieldName name, ForwardHeaders unknown) noexcept {
  if (!name.is_known()) return may_pass_upstream(name, unknown);
  const FieldIds& passing =
      unknown == ForwardHeaders::denylist ? pass_upstream_by_denylist : pass_upstream_by_allowlist;
  return passing.contains(name.id());
}

bool passes_to_client(FieldName name) noexcept {
  return name.is_known() ? pass_to_client.contains(name.id()) : may_pass_to_client(name);
}

}  // namespace relay::http
