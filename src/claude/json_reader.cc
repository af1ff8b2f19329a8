#include "claude/json_reader.h"

#include "base/limits.h"
#include "claude/json_characters.h"
#include "claude/json_skip.h"
#include "claude/json_string.h"
#include "claude/json_text.h"

namespace relay::claude {
namespace {

static_assert(limits::json_depth_max <= 64, "JsonReader keeps one bit for each level");

// What is due inside an escape: the letter after the backslash, or so many hexadecimal digits.
constexpr std::uint8_t escape_letter = 5;
constexpr std::uint8_t escape_digits = 4;

}  // namespace

void JsonReader::feed(std::string_view piece) noexcept {
  before_ += static_cast<std::size_t>(end_ - piece_);
  piece_ = at_ = piece.data();
  end_ = piece_ + piece.size();
}

JsonReader::Token JsonReader::next() {
  if (partial_ == Partial::string) return cut_string(at_);
  if (partial_ == Partial::scalar) return scalar();
  for (;;) {
    if (deeper_ != 0 && !go_past_deeper()) return Token::more;
    at_ = skip(JsonClass::blank, at_, end_);
    if (at_ == end_) return expect_ == Expect::failed ? Token::invalid : Token::more;
    const char c = *at_;
    switch (expect_) {
      case Expect::value:
      case Expect::first_value:
        if (!is_passed_over(c)) return value(c);
        break;
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

bool JsonReader::is_passed_over(char first) noexcept {
  if (depth_ < limits::json_depth_max || !passes_over_deeper_) return false;
  if (first != '{' && first != '[') return false;
  deeper_ = 1;
  return true;
}

// False: it goes on in the next piece.
bool JsonReader::go_past_deeper() noexcept {
  while (at_ != end_ && deeper_ != 0) {
    const char c = *at_++;
    if (escape_ != 0) {
      escape_ = 0;
    } else if (is_in_deeper_string_) {
      if (c == '\\') escape_ = escape_letter;
      if (c == '"') is_in_deeper_string_ = false;
    } else if (c == '"') {
      is_in_deeper_string_ = true;
    } else if (c == '{' || c == '[') {
      ++deeper_;
    } else if (c == '}' || c == ']') {
      --deeper_;
    }
  }
  if (deeper_ == 0) finish_value();
  return deeper_ == 0;
}

JsonReader::Token JsonReader::value(char first) {
  token_begin_ = position();
  has_escapes_ = false;
  switch (first) {
    case '"': return string();
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
  if (partial_ == Partial::none) return;
  keep(rest);
  text_ = kept_;
  partial_ = Partial::none;
}

std::string JsonReader::plain_text() const {
  return unescaped(text());
}

// Nearly all are whole, so this is the way to be fast on.
inline JsonReader::Token JsonReader::string() {
  const char* const begin = ++at_;
  at_ = skip_text(at_, end_, has_escapes_);
  if (at_ == end_ || *at_ != '"') return cut_string(begin);
  text_ = {begin, static_cast<std::size_t>(at_ - begin)};
  return string_ended();
}

// Of which `begin` to at_ was seen.
JsonReader::Token JsonReader::cut_string(const char* begin) {
  const bool is_ended = skip_to_quote();
  const std::string_view rest{begin, static_cast<std::size_t>(at_ - begin)};
  if (!is_ended) return at_ == end_ ? suspend(Partial::string, rest) : fail();
  take_text(rest);
  return string_ended();
}

inline JsonReader::Token JsonReader::string_ended() noexcept {
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
  while (at_ != end_) {
    if (escape_ == 0) {
      at_ = skip_text(at_, end_, has_escapes_);
      if (at_ == end_ || *at_ != '\\') break;
      has_escapes_ = true;
      escape_ = escape_letter;
      ++at_;
    } else if (!take_of_escape(*at_)) {
      break;
    }
  }
  return at_ != end_ && *at_ == '"' && escape_ == 0;
}

// An escape byte by byte, because it is cut or wrong.
bool JsonReader::take_of_escape(char c) noexcept {
  if (escape_ == escape_letter) {
    if (c != 'u' && !is_in(JsonClass::short_escape, c)) return false;
    escape_ = c == 'u' ? escape_digits : 0;
  } else {
    if (!is_in(JsonClass::hex_digit, c)) return false;
    --escape_;
  }
  ++at_;
  return true;
}

JsonReader::Token JsonReader::scalar() {
  const char* const begin = at_;
  at_ = skip(JsonClass::scalar, at_, end_);
  const std::string_view rest{begin, static_cast<std::size_t>(at_ - begin)};
  if (at_ == end_) return suspend(Partial::scalar, rest);
  take_text(rest);
  if (is_text_too_long()) return fail();
  finish_value();
  if (text_ == "true") return Token::true_;
  if (text_ == "false") return Token::false_;
  if (text_ == "null") return Token::null;
  return is_json_number(text_) ? Token::number : fail();
}

bool JsonReader::skip_opened() {
  const OpenContainers open{.kinds = containers_, .depth = depth_};
  const char* const behind = skip_container(at_, end_, open);
  if (behind == nullptr) return false;
  at_ = behind;
  --depth_;
  containers_ >>= 1;
  finish_value();
  return true;
}

bool skip_value(JsonReader& reader, JsonReader::Token first) {
  using enum JsonReader::Token;
  JsonReader::Token token = first;
  const bool is_container = token == object || token == array;
  if (is_container && reader.skip_opened()) return true;
  const int outside = reader.depth() - 1;
  while (is_container && reader.depth() > outside && token != invalid && token != more) {
    token = reader.next();
  }
  return token != invalid && token != more;
}

}  // namespace relay::claude
