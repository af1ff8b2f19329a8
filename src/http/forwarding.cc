#include "http/forwarding.h"

#include <cassert>
#include <charconv>

#include "base/put.h"
#include "http/line_copier.h"
#include "http/redactor.h"
#include "http/target.h"
#include "http/token_list.h"

namespace relay::http {
namespace {

using std::string_view_literals::operator""sv;

// The fields that Connection names: they were meant for the sender's connection only. Most messages
// name none, and then a field costs nothing to check.
class Nominations {
 public:
  explicit Nominations(const Fields& fields) noexcept : fields_{fields} {
    if (!fields.find("connection")) return;
    for (const FieldView field : fields) {
      if (field.name == "connection") any_ = any_ || names_fields(field.value);
    }
  }

  [[nodiscard]] bool contain(FieldName name) const noexcept {
    if (!any_) return false;
    for (const FieldView field : fields_) {
      if (field.name == "connection" && list_has(field.value, name.text())) return true;
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

char* put_credential(char* to, const RequestHead& request, const UpstreamTarget& target) noexcept {
  const bool is_bearer =
      target.scheme == CredentialScheme::bearer ||
      (target.scheme == CredentialScheme::same_as_client && shows_bearer_only(request.fields));
  to = put(to, is_bearer ? "authorization: Bearer " : "x-api-key: ");
  return put(put(to, target.credential), "\r\n");
}

bool usually_has_body(Method method) noexcept {
  return method == Method::post || method == Method::put || method == Method::patch;
}

char* put_framing(char* to, Method method, BodyFraming body) noexcept {
  assert(body.kind != Framing::until_close && "a request cannot end with its connection");
  if (body.kind == Framing::chunked) return put(to, "transfer-encoding: chunked\r\n");
  if (body.length == 0 && !usually_has_body(method)) return to;
  return put(put_number(put(to, "content-length: "), body.length), "\r\n");
}

char* put_request_line(char* to, const RequestHead& request,
                       const UpstreamTarget& target) noexcept {
  to = put(put(to, to_string(request.method)), " ");
  to = put_joined_target(to, target.base_path, request.target);
  return put(to, " HTTP/1.1\r\n");
}

bool is_range(FieldName name) noexcept {
  return name == "range" || name == "if-range";
}

// The fields that may pass.
char* put_fields(char* to, const Fields& fields, const UpstreamTarget& target) noexcept {
  const Nominations nominations{fields};
  LineCopier copier{fields, to};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const FieldName name = fields[i].name;
    if (!passes_upstream(name, target.forward_headers)) continue;
    if (target.wants_identity && name == "accept-encoding") continue;
    if (target.wants_whole && is_range(name)) continue;
    if (!nominations.contain(name)) copier.pass(i);
  }
  return copier.end();
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

// Of the same length as the value.
std::string masked(std::string_view value, std::string_view credential) {
  std::string text;
  Redactor redactor{credential};
  redactor.redact(value, text);
  redactor.finish(text);
  return text;
}

bool is_location(FieldName name) noexcept {
  return name == "location" || name == "content-location";
}

bool is_ratelimit_field(FieldName name) noexcept {
  constexpr std::string_view prefix = "anthropic-ratelimit-";
  return same_name(name.text().substr(0, prefix.size()), prefix);
}

// The fields that the client may see.
char* put_answer_fields(char* to, const AnswerHead& answer, const AnswerPolicy& policy,
                        bool is_stream) {
  const Nominations nominations{answer.fields};
  LineCopier copier{answer.fields, to};
  for (std::size_t i = 0; i < answer.fields.size(); ++i) {
    const auto [name, value] = answer.fields[i];
    if (!passes_to_client(name) || nominations.contain(name)) continue;
    if (policy.ratelimit_fields != RateLimitFields::pass && is_ratelimit_field(name)) continue;
    if (is_stream && name == "cache-control") continue;
    const std::string_view shown = is_location(name) ? relative_location(value, policy) : value;
    if (!policy.credential.empty() && shown.contains(policy.credential)) {
      copier.pass_as({name, masked(shown, policy.credential)});
    } else if (shown.size() < value.size()) {
      copier.pass_as({name, shown});
    } else {
      copier.pass(i);
    }
  }
  return copier.end();
}

}  // namespace

void write_upstream_head(const RequestHead& request, const UpstreamTarget& target, BodyFraming body,
                         FrameText& out) {
  constexpr std::size_t fixed_bytes = 192;  // All that is neither of the request nor the target.
  const std::size_t before = out.size();
  const std::size_t room = fixed_bytes + target.base_path.size() + request.target.size() +
                           target.host.size() + target.credential.size() +
                           request.fields.line_bytes_max();
  out.resize_and_overwrite(before + room, [&](char* memory, std::size_t) {
    char* to = put_request_line(memory + before, request, target);
    to = put(put(put(to, "host: "), target.host), "\r\n");
    to = put_credential(to, request, target);
    to = put_fields(to, request.fields, target);
    if (target.wants_identity) to = put(to, "accept-encoding: identity\r\n");
    to = put(put_framing(to, request.method, body), "\r\n");
    return to - memory;
  });
}

void append_answer_fields(const AnswerHead& answer, const AnswerPolicy& policy, ResponseHead& out) {
  constexpr std::string_view of_a_stream = "cache-control: no-store\r\nx-accel-buffering: no\r\n";
  const bool is_stream = is_event_stream(answer);
  const std::size_t before = out.fields.size();
  const std::size_t room = answer.fields.line_bytes_max() + of_a_stream.size();
  out.fields.resize_and_overwrite(before + room, [&](char* memory, std::size_t) {
    char* to = put_answer_fields(memory + before, answer, policy, is_stream);
    if (is_stream) to = put(to, of_a_stream);
    return to - memory;
  });
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
  constexpr std::string_view event_stream = "text/event-stream";
  if (!type) return false;
  const std::string_view text = trimmed(*type);
  if (!same_name(text.substr(0, event_stream.size()), event_stream)) return false;
  const std::string_view rest = trimmed(text.substr(event_stream.size()));
  return rest.empty() || rest.front() == ';';
}

}  // namespace relay::http
