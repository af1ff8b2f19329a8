#include "claude/json_skip.h"

#include <bit>

#include "base/limits.h"
#include "claude/json_string.h"

namespace relay::claude {
namespace {

// What the tokens of a text begin with, one after the other, and behind the last of them, or where
// there is something wrong with a string, what begins none.
constexpr char nothing = 0;

class VectorTokens {
 public:
  VectorTokens(const char* at, const char* end, const JsonScanner& scanner) noexcept
      : find_{scanner.find_tokens}, scan_{.next = at, .end = end} {}

  const char* next() noexcept {
    while (places_ == 0) {
      if (scan_.is_over) return &nothing;
      places_ = find_(scan_);
    }
    const int place = std::countr_zero(places_);
    places_ &= places_ - 1;
    return scan_.block + place;
  }

 private:
  decltype(JsonScanner::find_tokens) find_;
  JsonScan scan_;
  Places places_ = 0;
};

// The same for any processor.
class PortableTokens {
 public:
  PortableTokens(const char* at, const char* end) noexcept : at_{at}, end_{end} {}

  const char* next() noexcept {
    at_ = skip(JsonClass::blank, at_, end_);
    if (at_ == end_) return &nothing;
    const char* const token = at_++;
    if (*token == '"') return skip_string() ? token : &nothing;
    if (is_in(JsonClass::scalar, *token)) at_ = skip(JsonClass::scalar, at_, end_);
    return token;
  }

 private:
  bool skip_string() noexcept {
    bool has_escapes = false;
    at_ = skip_text(at_, end_, has_escapes);
    const bool is_whole = at_ != end_ && *at_ == '"';
    if (is_whole) ++at_;
    return is_whole;
  }

  const char* at_;
  const char* end_;
};

bool is_scalar(const char* at, const char* end) noexcept {
  if (!is_in(JsonClass::scalar, *at)) return false;
  const char* const begin = at;
  at = skip(JsonClass::scalar, at, end);
  if (at == end || !is_in(JsonClass::behind_value, *at)) return false;
  const std::string_view text{begin, static_cast<std::size_t>(at - begin)};
  if (text.size() > limits::json_token_bytes_max) return false;
  return text == "true" || text == "false" || text == "null" || is_json_number(text);
}

constexpr bool closes(char c, OpenContainers open) noexcept {
  return c == ((open.kinds & 1) != 0 ? '}' : ']');
}

constexpr void close(OpenContainers& open) noexcept {
  open.kinds >>= 1;
  --open.depth;
}

// See skip_container().
template <typename Tokens>
const char* skip_tokens(Tokens tokens, const char* end, OpenContainers open) noexcept {
  const int outside = open.depth - 1;
  bool is_empty = true;  // So far, the container we are in.
  for (;;) {
    const char* at = tokens.next();
    if (is_empty && closes(*at, open)) {
      close(open);
    } else {
      if ((open.kinds & 1) != 0) {
        if (*at != '"' || *tokens.next() != ':') return nullptr;
        at = tokens.next();
      }
      if (*at == '{' || *at == '[') {
        if (open.depth == static_cast<int>(limits::json_depth_max)) return nullptr;
        open = {open.kinds << 1 | (*at == '{' ? 1U : 0U), open.depth + 1};
        is_empty = true;
        continue;
      }
      if (*at != '"' && !is_scalar(at, end)) return nullptr;
    }

    // Behind a value: a comma, or the end of the containers it was the last in.
    for (;;) {
      if (open.depth == outside) return at + 1;
      at = tokens.next();
      if (*at == ',') break;
      if (!closes(*at, open)) return nullptr;
      close(open);
    }
    is_empty = false;
  }
}

}  // namespace

const char* skip_container(const char* at, const char* end, OpenContainers open,
                           const JsonScanner* scanner) noexcept {
  if (scanner == nullptr) return skip_tokens(PortableTokens{at, end}, end, open);
  return skip_tokens(VectorTokens{at, end, *scanner}, end, open);
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
