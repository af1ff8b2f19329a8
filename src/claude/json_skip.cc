#include "claude/json_skip.h"

#include "base/limits.h"
#include "claude/json_string.h"

namespace relay::claude {
namespace {

// All of these return where the text goes on, or null.

inline const char* skip_blanks(const char* at, const char* end) noexcept {
  at = skip(JsonClass::blank, at, end);
  return at == end ? nullptr : at;
}

// From behind the opening quote.
inline const char* skip_string(const char* at, const char* end) noexcept {
  bool has_escapes = false;
  at = skip_text(at, end, has_escapes);
  return at != end && *at == '"' ? at + 1 : nullptr;
}

// A name and its colon.
inline const char* skip_name(const char* at, const char* end) noexcept {
  if (*at != '"') return nullptr;
  at = skip_string(at + 1, end);
  if (at != nullptr) at = skip_blanks(at, end);
  return at != nullptr && *at == ':' ? skip_blanks(at + 1, end) : nullptr;
}

const char* skip_scalar(const char* at, const char* end) noexcept {
  const char* const begin = at;
  at = skip(JsonClass::scalar, at, end);
  const std::string_view text{begin, static_cast<std::size_t>(at - begin)};
  if (at == end || text.size() > limits::json_token_bytes_max) return nullptr;
  const bool is_scalar =
      text == "true" || text == "false" || text == "null" || is_json_number(text);
  return is_scalar ? at : nullptr;
}

constexpr bool closes(char c, OpenContainers open) noexcept {
  return c == ((open.kinds & 1) != 0 ? '}' : ']');
}

constexpr void close(OpenContainers& open) noexcept {
  open.kinds >>= 1;
  --open.depth;
}

}  // namespace

const char* skip_container(const char* at, const char* end, OpenContainers open) noexcept {
  const int outside = open.depth - 1;
  bool is_empty = true;  // So far, the container we are in.
  for (;;) {
    at = skip_blanks(at, end);
    if (at == nullptr) return nullptr;
    if (is_empty && closes(*at, open)) {
      close(open);
      ++at;
    } else {
      if ((open.kinds & 1) != 0) at = skip_name(at, end);
      if (at == nullptr) return nullptr;
      if (*at == '{' || *at == '[') {
        if (open.depth == static_cast<int>(limits::json_depth_max)) return nullptr;
        open = {open.kinds << 1 | (*at == '{' ? 1U : 0U), open.depth + 1};
        is_empty = true;
        ++at;
        continue;
      }
      at = *at == '"' ? skip_string(at + 1, end) : skip_scalar(at, end);
    }

    // Behind a value: a comma, or the end of the containers it was the last in.
    for (;;) {
      if (open.depth == outside) return at;
      if (at != nullptr) at = skip_blanks(at, end);
      if (at == nullptr) return nullptr;
      if (*at == ',') break;
      if (!closes(*at, open)) return nullptr;
      close(open);
      ++at;
    }
    is_empty = false;
    ++at;
  }
}

bool is_json_number(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  const char* const whole = at;
  at = skip(JsonClass::digit, at, end);
  if (at == whole || (*whole == '0' && at - whole > 1)) return false;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = skip(JsonClass::digit, at, end);
    if (at == fraction) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip(JsonClass::digit, at, end);
    if (at == exponent) return false;
  }
  return at == end;
}

}  // namespace relay::claude
