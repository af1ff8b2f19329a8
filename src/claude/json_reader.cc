#include "claude/json_reader.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>

#include "base/limits.h"
#include "claude/json_text.h"

namespace relay::claude {
namespace {

static_assert(limits::json_depth_max <= 64, "JsonReader keeps one bit for each level");

// What is due inside an escape: the letter after the backslash, or so many hexadecimal digits.
constexpr std::uint8_t escape_letter = 5;
constexpr std::uint8_t escape_digits = 4;

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_scalar_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' || c == 'E';
}
constexpr bool is_short_escape(char c) {
  return c == 'n' || c == '"' || c == '\\' || c == '/' || c == 't' || c == 'r' || c == 'b' ||
         c == 'f';
}
constexpr bool ends_plain_text(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// The first byte that is a quote, a backslash or a control character: most of a request is text,
// and this is how fast it is read.
const char* find_special(const char* at, const char* end) noexcept {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control_max = _mm_set1_epi8(0x1F);
  for (; end - at >= 16; at += 16) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(text, control_max), text);
    const __m128i is_end =
        _mm_or_si128(_mm_cmpeq_epi8(text, quote), _mm_cmpeq_epi8(text, backslash));
    const int found = _mm_movemask_epi8(_mm_or_si128(is_end, is_control));
    if (found != 0) return at + std::countr_zero(static_cast<unsigned>(found));
  }
#endif
  while (at != end && !ends_plain_text(*at)) ++at;
  return at;
}

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

bool is_number(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  const char* const whole = at;
  at = skip_digits(at, end);
  if (at == whole || (*whole == '0' && at - whole > 1)) return false;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end);
    if (at == exponent) return false;
  }
  return at == end;
}

}  // namespace

void JsonReader::feed(std::string_view piece) noexcept {
  before_ += static_cast<std::size_t>(end_ - piece_);
  piece_ = at_ = piece.data();
  end_ = piece_ + piece.size();
}

JsonReader::Token JsonReader::next() {
  if (partial_ == Partial::string) return string();
  if (partial_ == Partial::scalar) return scalar();
  for (;;) {
    while (at_ != end_ && is_blank(*at_)) ++at_;
    if (at_ == end_) return expect_ == Expect::failed ? Token::invalid : Token::more;
    const char c = *at_;
    switch (expect_) {
      case Expect::value:
      case Expect::first_value: return value(c);
      case Expect::first_name:
        if (c == '}') return close(c);
        [[fallthrough]];
      case Expect::name:
        if (c != '"') return fail();
        return value(c);
      case Expect::colon:
        if (c != ':') return fail();
        expect_ = Expect::value;
        break;
      case Expect::comma:
        if (c != ',') return close(c);
        expect_ = (containers_ & 1) != 0 ? Expect::name : Expect::value;
        break;
      case Expect::nothing:
      case Expect::failed: return fail();
    }
    ++at_;
  }
}

JsonReader::Token JsonReader::value(char first) {
  token_begin_ = position();
  has_escapes_ = false;
  switch (first) {
    case '"': ++at_; return string();
    case '{': return open(true);
    case '[': return open(false);
    case ']': return expect_ == Expect::first_value ? close(first) : fail();
    default: return scalar();
  }
}

JsonReader::Token JsonReader::open(bool is_object) {
  if (depth_ == limits::json_depth_max) {
    is_too_deep_ = true;
    return fail();
  }
  ++at_;
  ++depth_;
  containers_ = containers_ << 1 | (is_object ? 1 : 0);
  expect_ = is_object ? Expect::first_name : Expect::first_value;
  return is_object ? Token::object : Token::array;
}

JsonReader::Token JsonReader::close(char bracket) {
  const bool is_object = (containers_ & 1) != 0;
  if (bracket != (is_object ? '}' : ']')) return fail();
  token_begin_ = position();
  ++at_;
  --depth_;
  containers_ >>= 1;
  finish_value();
  return is_object ? Token::object_end : Token::array_end;
}

JsonReader::Token JsonReader::fail() noexcept {
  expect_ = Expect::failed;
  partial_ = Partial::none;
  return Token::invalid;
}

JsonReader::Token JsonReader::suspend(Partial partial, std::string_view begun) {
  if (partial_ == Partial::none) kept_.clear();
  partial_ = partial;
  keep(begun);
  return Token::more;
}

void JsonReader::keep(std::string_view bytes) {
  kept_.append(bytes.substr(0, limits::json_token_bytes_max + 1 - kept_.size()));
}

void JsonReader::take_text(std::string_view rest) {
  text_ = rest;
  if (partial_ != Partial::none) {
    keep(rest);
    text_ = kept_;
    partial_ = Partial::none;
  }
  is_text_too_long_ = text_.size() > limits::json_token_bytes_max;
  if (is_text_too_long_) text_ = {};
}

std::string JsonReader::plain_text() const {
  return unescaped(text_);
}

bool JsonReader::is_text(std::string_view plain) const {
  return has_escapes_ ? plain_text() == plain : text_ == plain;
}

// From behind the opening quote, or from where the last piece ended.
JsonReader::Token JsonReader::string() {
  const char* const begin = at_;
  const bool is_ended = skip_to_quote();
  const std::string_view rest{begin, static_cast<std::size_t>(at_ - begin)};
  if (is_ended) return string_ended(rest);
  return at_ == end_ ? suspend(Partial::string, rest) : fail();
}

JsonReader::Token JsonReader::string_ended(std::string_view rest) {
  take_text(rest);
  ++at_;
  const bool is_name = expect_ == Expect::name || expect_ == Expect::first_name;
  if (!is_name) {
    finish_value();
    return Token::string;
  }
  expect_ = Expect::colon;
  return Token::name;
}

// Stops at the closing quote (true), at the end of the piece, or at what may not be in a string.
bool JsonReader::skip_to_quote() noexcept {
  const char* at = at_;
  while (at != end_) {
    if (escape_ == 0) {
      at = find_special(at, end_);
      if (at == end_ || *at != '\\') break;
      has_escapes_ = true;
      const bool is_short = end_ - at > 1 && is_short_escape(at[1]);
      escape_ = is_short ? 0 : escape_letter;
      at += is_short ? 2 : 1;
    } else if (escape_ == escape_letter) {
      if (*at != 'u' && !is_short_escape(*at)) break;
      escape_ = *at == 'u' ? escape_digits : 0;
      ++at;
    } else {
      if (!is_hex_digit(*at)) break;
      --escape_;
      ++at;
    }
  }
  at_ = at;
  return at != end_ && *at == '"' && escape_ == 0;
}

JsonReader::Token JsonReader::scalar() {
  const char* const begin = at_;
  while (at_ != end_ && is_scalar_byte(*at_)) ++at_;
  const std::string_view rest{begin, static_cast<std::size_t>(at_ - begin)};
  if (at_ == end_) return suspend(Partial::scalar, rest);
  take_text(rest);
  if (is_text_too_long_) return fail();
  finish_value();
  if (text_ == "true") return Token::true_;
  if (text_ == "false") return Token::false_;
  if (text_ == "null") return Token::null;
  return is_number(text_) ? Token::number : fail();
}

bool skip_value(JsonReader& reader, JsonReader::Token first) {
  using enum JsonReader::Token;
  JsonReader::Token token = first;
  const bool is_container = token == object || token == array;
  const int outside = reader.depth() - 1;
  while (is_container && reader.depth() > outside && token != invalid && token != more) {
    token = reader.next();
  }
  return token != invalid && token != more;
}

}  // namespace relay::claude
