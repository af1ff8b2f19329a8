#include "http/forwarding.h"

#include <fmt/format.h>

#include <cassert>
#include <charconv>

#include "http/name_set.h"
#include "http/redactor.h"
#include "http/target.h"
#include "http/token_list.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// The fields that Connection names: they were meant for the sender's connection only. Most messages
// name none, and then a field costs nothing to check.
class Nominations {
 public:
  explicit Nominations(const Fields& fields) noexcept : fields_{fields} {
    for (const FieldView field : fields) {
      if (same_name(field.name, "connection")) any_ = any_ || names_fields(field.value);
    }
  }

  [[nodiscard]] bool contain(std::string_view name) const noexcept {
    if (!any_) return false;
    for (const FieldView field : fields_) {
      if (same_name(field.name, "connection") && list_has(field.value, name)) return true;
    }
    return false;
  }

 private:
  static bool names_fields(std::string_view options) noexcept {
    return !for_each_element(options, [](std::string_view option) {
      return same_name(option, "keep-alive") || same_name(option, "close");
    });
  }

  const Fields& fields_;
  bool any_ = false;
};

bool shows_bearer_only(const Fields& fields) noexcept {
  return !fields.find("x-api-key") && fields.find("authorization");
}

void append_credential(const RequestHead& request, const UpstreamTarget& target, std::string& out) {
  const bool is_bearer =
      target.scheme == CredentialScheme::bearer ||
      (target.scheme == CredentialScheme::same_as_client && shows_bearer_only(request.fields));
  out.append(is_bearer ? "authorization: Bearer " : "x-api-key: ")
      .append(target.credential)
      .append("\r\n");
}

bool usually_has_body(Method method) noexcept {
  return method == Method::post || method == Method::put || method == Method::patch;
}

void append_framing(Method method, BodyFraming body, std::string& out) {
  assert(body.kind != Framing::until_close && "a request cannot end with its connection");
  if (body.kind == Framing::chunked) {
    out += "transfer-encoding: chunked\r\n";
  } else if (body.length > 0 || usually_has_body(method)) {
    fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", body.length);
  }
}

std::string_view without_default_port(std::string_view host) noexcept {
  for (const std::string_view port : {":443"sv, ":80"sv}) {
    if (host.ends_with(port)) return host.substr(0, host.size() - port.size());
  }
  return host;
}

// What follows "https:", "http:" or nothing.
std::string_view without_scheme(std::string_view location) noexcept {
  for (const std::string_view scheme : {"https:"sv, "http:"sv}) {
    if (same_name(location.substr(0, scheme.size()), scheme)) return location.substr(scheme.size());
  }
  return location;
}

// The path and what follows it, if `location` is on the upstream's own host.
std::string_view own_path(std::string_view location, std::string_view upstream_host) noexcept {
  std::string_view rest = without_scheme(location);
  if (!rest.starts_with("//")) return rest.size() == location.size() ? rest : std::string_view{};
  rest.remove_prefix(2);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  if (!same_name(without_default_port(host), without_default_port(upstream_host))) return {};
  rest.remove_prefix(host.size());
  return rest.empty() ? "/" : rest;
}

// A path that leads here again: a location on the upstream's own host, without its mount. Anything
// else is returned as it is, and so is what a browser would take for another host.
std::string_view relative_location(std::string_view location, const AnswerPolicy& policy) noexcept {
  std::string_view path = own_path(location, policy.upstream_host);
  const std::string_view mount = mount_of(policy.base_path);
  if (path.starts_with(mount) && path.substr(mount.size()).starts_with('/')) {
    path.remove_prefix(mount.size());
  }
  const bool is_path = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
  return is_path ? path : location;
}

void append_masked(FieldView field, std::string_view credential, std::string& out) {
  if (credential.empty() || field.value.find(credential) == std::string_view::npos) {
    append_field(field.name, field.value, out);
    return;
  }
  std::string masked;
  Redactor redactor{credential};
  redactor.redact(field.value, masked);
  redactor.finish(masked);
  append_field(field.name, masked, out);
}

bool is_ratelimit_field(std::string_view name) noexcept {
  constexpr std::string_view prefix = "anthropic-ratelimit-";
  return same_name(name.substr(0, prefix.size()), prefix);
}

}  // namespace

void write_upstream_head(const RequestHead& request, const UpstreamTarget& target, BodyFraming body,
                         std::string& out) {
  out.append(to_string(request.method)).append(" ");
  join_target(target.base_path, request.target, out);
  out += " HTTP/1.1\r\n";
  append_field("host", target.host, out);
  append_credential(request, target, out);

  const Nominations nominations{request.fields};
  for (const FieldView field : request.fields) {
    if (!passes_upstream(field.name, target.forward_headers)) continue;
    if (target.wants_identity && same_name(field.name, "accept-encoding")) continue;
    if (!nominations.contain(field.name)) append_field(field.name, field.value, out);
  }
  if (target.wants_identity) out += "accept-encoding: identity\r\n";
  append_framing(request.method, body, out);
  out += "\r\n";
}

void append_answer_fields(const AnswerHead& answer, const AnswerPolicy& policy, ResponseHead& out) {
  const Nominations nominations{answer.fields};
  const bool is_stream = is_event_stream(answer);
  for (FieldView field : answer.fields) {
    if (!passes_to_client(field.name) || nominations.contain(field.name)) continue;
    if (policy.ratelimit_fields != RateLimitFields::pass && is_ratelimit_field(field.name))
      continue;
    if (is_stream && same_name(field.name, "cache-control")) continue;
    if (same_name(field.name, "location") || same_name(field.name, "content-location")) {
      field.value = relative_location(field.value, policy);
    }
    append_masked(field, policy.credential, out.fields);
  }
  if (is_stream) out.fields += "cache-control: no-store\r\nx-accel-buffering: no\r\n";
}

std::optional<std::uint64_t> announced_length(const AnswerHead& answer) noexcept {
  if (answer.body.kind == Framing::length) return answer.body.length;
  const std::optional<std::string_view> value = answer.fields.find("content-length");
  if (!value) return std::nullopt;
  std::uint64_t length = 0;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), length);
  return read.ec == std::errc{} ? std::optional{length} : std::nullopt;
}

bool is_event_stream(const AnswerHead& answer) noexcept {
  const std::optional<std::string_view> type = answer.fields.find("content-type");
  return type && same_name(trimmed(type->substr(0, type->find(';'))), "text/event-stream");
}

}  // namespace relay::http
