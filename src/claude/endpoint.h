#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "core/ledger.h"
#include "http/head.h"

namespace relay::claude {

// What we know of a call of the Claude API from its request line alone.
struct ApiCall {
  core::Endpoint endpoint = core::Endpoint::other;
  std::size_t body_bytes_max = limits::request_body_bytes_max;  // As the upstream itself limits it.
  bool is_metered = false;                                      // Its answer says what it used.
  bool is_peeked = false;           // Its body is one JSON object that request_peek.h understands.
  bool is_body_streamed = false;    // Its body is too large to be held.
  bool runs_unseen_models = false;  // It may run models, which are not looked for.
  bool creates_batch = false;       // Its answer is a new batch of messages,
  bool gives_results = false;       // or the results of one: claude/batch_results.h.
  bool is_core = false;             // Forwarded under `forward.paths: core`.
  bool is_organization = false;     // Under /v1/organizations: administers the upstream account.
};

// `path` is that of the target, without its query. It is compared without regard to case, escapes
// and a slash at its end: the upstream may read it that way, and what it bills must not slip past
// us. Which path is forwarded is not decided here.
[[nodiscard]] ApiCall api_call(http::Method method, std::string_view path);

// The upstream's id of the batch that a call is about, in its own case. Requires: it is about one.
[[nodiscard]] std::string batch_id_in(std::string_view path);

}  // namespace relay::claude
