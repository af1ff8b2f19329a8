#include "http/field_policy.h"

#include "http/name_set.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

constexpr NameSet never_upstream{
    // Written anew, or by us alone.
    "host"sv, "content-length"sv, "transfer-encoding"sv, "connection"sv,
    // Of the client's connection.
    "te"sv, "trailer"sv, "upgrade"sv, "expect"sv, "keep-alive"sv, "http2-settings"sv,
    // The client's credentials.
    "authorization"sv, "x-api-key"sv, "api-key"sv, "cookie"sv, "cookie2"sv,
    // Who the client is, or says it is.
    "forwarded"sv, "via"sv, "x-real-ip"sv, "x-client-ip"sv, "x-cluster-client-ip"sv,
    "true-client-ip"sv, "fastly-client-ip"sv, "client-ip"sv, "x-host"sv, "origin"sv, "referer"sv,
    // They would make another request of it.
    "x-http-method"sv, "x-http-method-override"sv, "x-method-override"sv, "x-rewrite-url"sv};

constexpr PrefixSet never_upstream_prefixes{"proxy-"sv,   "x-forwarded"sv, "cf-"sv,
                                            "x-envoy-"sv, "x-original-"sv, "x-relay-"sv};

constexpr NameSet known_upstream{"accept"sv,
                                 "accept-encoding"sv,
                                 "content-type"sv,
                                 "content-encoding"sv,
                                 "user-agent"sv,
                                 "x-app"sv,
                                 "idempotency-key"sv,
                                 "range"sv,
                                 "if-range"sv,
                                 "if-match"sv,
                                 "if-none-match"sv,
                                 "if-modified-since"sv,
                                 "if-unmodified-since"sv};

constexpr PrefixSet known_upstream_prefixes{"anthropic-"sv, "x-stainless-"sv, "x-claude-"sv};

constexpr NameSet never_to_client{
    // Written anew, or by us alone.
    "content-length"sv, "transfer-encoding"sv, "connection"sv, "date"sv, "server"sv,
    "x-relay-request-id"sv,
    // Of the upstream's connection.
    "te"sv, "trailer"sv, "upgrade"sv, "keep-alive"sv, "via"sv,
    // They speak of the upstream's site, or to a browser that believes to be there.
    "set-cookie"sv, "set-cookie2"sv, "strict-transport-security"sv, "public-key-pins"sv,
    "alt-svc"sv, "nel"sv, "report-to"sv, "reporting-endpoints"sv, "expect-ct"sv,
    "clear-site-data"sv,
    // Whose account it is.
    "anthropic-organization-id"sv,
    // Orders to a proxy in front of us.
    "x-sendfile"sv, "x-lighttpd-send-file"sv, "x-reproxy-url"sv};

constexpr PrefixSet never_to_client_prefixes{"proxy-"sv, "x-accel-"sv};

}  // namespace

bool passes_upstream(std::string_view name, ForwardHeaders unknown) noexcept {
  if (name.find('_') != std::string_view::npos) return false;
  if (never_upstream.contains(name) || never_upstream_prefixes.begin(name)) return false;
  return unknown == ForwardHeaders::denylist || known_upstream.contains(name) ||
         known_upstream_prefixes.begin(name);
}

bool passes_to_client(std::string_view name) noexcept {
  return !never_to_client.contains(name) && !never_to_client_prefixes.begin(name);
}

}  // namespace relay::http
