#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/frame_text.h"
#include "http/field_policy.h"
#include "http/head.h"
#include "http/ports.h"

// What a message looks like on the other side of the relay. Heads are written anew from what was
// parsed; no byte of a line is passed on unread.
namespace relay::http {

// How the upstream wants to be shown its credential.
enum class CredentialScheme : std::uint8_t {
  x_api_key,
  bearer,
  same_as_client,  // As the client has shown its key: Bearer if that is all it sent.
};

// The upstream as a request has to address it. Requires: `host` and `credential` are valid field
// values.
struct UpstreamTarget {
  std::string_view host;  // As its Host field says it: with its port, unless it is the default.
  std::string_view base_path;  // See put_joined_target().
  CredentialScheme scheme = CredentialScheme::x_api_key;
  std::string_view credential;
  bool wants_identity = true;  // Accept-Encoding: identity, so that the meter can read the answer.
  bool wants_whole = false;    // No Range: it is not for the client to choose what the meter sees.
  ForwardHeaders forward_headers = ForwardHeaders::denylist;
};

// Appends the head of the request as it goes to the upstream, blank line included. It has exactly
// one credential and exactly one framing; fields that pass keep their order, spelling and number.
// `body` is how the body goes out, which need not be how it came in.
void write_upstream_head(const RequestHead& request, const UpstreamTarget& target, BodyFraming body,
                         FrameText& out);

// What becomes of anthropic-ratelimit-*: they tell all clients about the limits they share.
enum class RateLimitFields : std::uint8_t {
  pass,
  hide,
  own,  // Hidden; the caller adds those of the client's own key.
};

// What a client may see of an upstream's answer. The views are those of UpstreamTarget.
struct AnswerPolicy {
  RateLimitFields ratelimit_fields = RateLimitFields::pass;
  std::string_view upstream_host;
  std::string_view base_path;
  std::string_view credential;  // Masked wherever it turns up. Empty: nothing to mask.
};

// Appends the fields of an answer that the client may see to `out.fields`. A Location on the
// upstream's own host becomes a path here. Event streams are marked as not to be stored or
// buffered. Status and length are left to the caller.
void append_answer_fields(const AnswerHead& answer, const AnswerPolicy& policy, ResponseHead& out);

// What Content-Length says, also where there is no body: of HEAD and 304.
[[nodiscard]] std::optional<std::uint64_t> announced_length(const AnswerHead& answer) noexcept;

[[nodiscard]] bool is_event_stream(const AnswerHead& answer) noexcept;

}  // namespace relay::http
