#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// What a request is for. A path is decided on once, as bytes: no two spellings of one resource
// reach two owners.
namespace relay::http {

// Refuses a path that could be read as another one, here or at the upstream: with an empty segment,
// a dot segment, an escaped control character or backslash, or one that, decoded and in lower case,
// falls under a reserved prefix without being spelled like it. An escaped slash separates segments
// as a plain one does. All other escapes are the upstream's business.
//
// One slash at the end is allowed and means another path than without it. "*" is allowed.
[[nodiscard]] Result<void> check_path(std::string_view path);

// True for a path at or below one of our own prefixes: /admin, /console, /api/usage, /health,
// /ready, /metrics, /openapi.json. Such a path is never forwarded, whether or not we know it.
// Requires: check_path() has nothing against it.
[[nodiscard]] bool is_reserved(std::string_view path) noexcept;

// True if `path`, decoded and in lower case, is `prefix` or lies below it. `prefix` is in lower
// case, without a slash at its end.
[[nodiscard]] bool is_under(std::string_view path, std::string_view prefix) noexcept;

// Puts the target at an upstream whose base URL has the path `base_path` ("", "/v1",
// "/prefix/", "/prefix/v1"). Clients send the version with every path, so a /v1 at the end of the
// base says nothing new and is not doubled. Path and query are otherwise passed byte for byte.
// `to` has room for both. Returns where the text ends.
char* put_joined_target(char* to, std::string_view base_path, std::string_view target) noexcept;

// The part of `base_path` that put_joined_target() puts before a target.
[[nodiscard]] std::string_view mount_of(std::string_view base_path) noexcept;

}  // namespace relay::http
