#include "claude/request_peek.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "base/limits.h"
#include "claude/decoder.h"
#include "claude/json_reader.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;
using core::TokenCount;

std::unexpected<Error> refused(ErrorCode code, std::string message) {
  return std::unexpected(
      Error{.code = code, .origin = Origin::client, .message = std::move(message)});
}

std::unexpected<Error> invalid(std::string message) {
  return refused(ErrorCode::invalid_request, std::move(message));
}

// A whole number within bounds, however it is written: 64, 64.0 and 6.4e1 are the same to JSON.
std::optional<TokenCount> token_count(std::string_view number) {
  double value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool is_count = parsed.ec == std::errc{} && value >= 0 && std::trunc(value) == value &&
                        value <= static_cast<double>(limits::tokens_per_count_max);
  if (!is_count) return std::nullopt;
  return static_cast<TokenCount>(value);
}

// Of the size, the beginning and the end: what is different elsewhere may share an upstream.
std::uint64_t hash_of(std::string_view bytes) noexcept {
  constexpr std::size_t sample_bytes = 1'024;
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  const std::hash<std::string_view> hash;
  const std::string_view begin = bytes.substr(0, sample_bytes);
  const std::string_view end = bytes.substr(bytes.size() - begin.size());
  return (hash(begin) * odd ^ hash(end)) * odd ^ bytes.size();
}

// Walks the members of one request. A member that is acted upon and null counts as missing, but
// may not be there a second time.
class Walk {
 public:
  explicit Walk(std::string_view body) noexcept : body_{body}, reader_{body} {
    peek_.body_bytes = body.size();
  }

  Result<RequestPeek> run() {
    if (reader_.next() != Token::object) return invalid("The body must be one JSON object.");
    const bool is_read = each_member(
        reader_, [this](std::string_view name, Token first) { return member(name, first); });
    if (!problem_.empty()) return invalid(std::move(problem_));
    const bool is_whole = is_read && reader_.next() == Token::more && reader_.is_complete();
    if (!is_whole) return invalid(syntax_problem());
    return std::move(peek_);
  }

 private:
  bool member(std::string_view name, Token first) {
    if (name == "model") return once(has_model_, "model") && model(first);
    if (name == "stream") return once(has_stream_, "stream") && stream(first);
    if (name == "max_tokens") return once(has_max_tokens_, "max_tokens") && max_tokens(first);
    if (name == "max_completion_tokens") return max_tokens(first);
    if (name == "metadata" && first == Token::object) return metadata();
    if (name == "tools" || name == "system") return prefix(first);
    return skip_value(reader_, first);
  }

  bool once(bool& seen, std::string_view name) {
    if (std::exchange(seen, true)) problem_ = quote(name) + " is there twice.";
    return problem_.empty();
  }

  bool model(Token first) {
    if (first == Token::null) return true;
    if (first == Token::string) copy_text(peek_.model);
    const bool is_model = first == Token::string && !reader_.is_text_too_long() &&
                          peek_.model.size() <= limits::model_bytes_max;
    return is_model || mistyped(first, "model", "a string of at most 256 bytes");
  }

  bool stream(Token first) {
    peek_.is_stream = first == Token::true_;
    const bool is_bool = first == Token::true_ || first == Token::false_ || first == Token::null;
    return is_bool || mistyped(first, "stream", "true or false");
  }

  bool max_tokens(Token first) {
    if (first == Token::null) return true;
    std::optional<TokenCount> count;
    if (first == Token::number) count = token_count(reader_.text());
    if (!count) return mistyped(first, "max_tokens", "a whole number from 0 to 1000000000");
    peek_.max_tokens = std::max(peek_.max_tokens.value_or(0), *count);
    return true;
  }

  bool metadata() {
    return each_member(reader_, [this](std::string_view name, Token first) {
      const bool is_user = first == Token::string && name == "user_id" && !reader_.text().empty();
      if (is_user) peek_.user_hash = hash_of(reader_.text());
      return skip_value(reader_, first);
    });
  }

  bool prefix(Token first) {
    const std::size_t begin = reader_.token_begin();
    if (!skip_value(reader_, first)) return false;
    const std::string_view bytes = body_.substr(begin, reader_.position() - begin);
    peek_.prefix_hash = peek_.prefix_hash * 31 + hash_of(bytes);
    return true;
  }

  void copy_text(FrameText& to) const {
    if (reader_.has_escapes()) {
      to = reader_.plain_text();
    } else {
      to = reader_.text();
    }
  }

  // What is not JSON either way is a problem of the syntax, not of this member.
  bool mistyped(Token first, std::string_view name, std::string_view expected) {
    if (first == Token::more || first == Token::invalid) return false;
    problem_ = quote(name) + " must be ";
    problem_ += expected;
    problem_ += '.';
    return false;
  }

  static std::string quote(std::string_view name) { return '"' + std::string{name} + '"'; }

  std::string syntax_problem() const {
    if (reader_.is_too_deep()) return "The body is nested too deeply.";
    const std::size_t at = reader_.position();
    if (at == body_.size()) return "The JSON of the body ends too early.";
    return "The body is not valid JSON at byte " + std::to_string(at) + '.';
  }

  std::string_view body_;
  JsonReader reader_;
  RequestPeek peek_;
  std::string problem_;
  bool has_model_ = false;
  bool has_stream_ = false;
  bool has_max_tokens_ = false;
};

std::unexpected<Error> decoding_failed(Decoder::State state) {
  if (state == Decoder::State::too_large) {
    return refused(ErrorCode::request_too_large, "The body is too large when it is decoded.");
  }
  return invalid("The body is not what its content-encoding says, or not all of it.");
}

}  // namespace

Result<RequestPeek> peek(std::string_view body) {
  if (!simdjson::validate_utf8(body.data(), body.size())) return invalid("The body is not UTF-8.");
  return Walk{body}.run();
}

Result<RequestPeek> peek_encoded(std::string_view content_encoding, std::string_view body) {
  const std::optional<Coding> coding = coding_of(content_encoding);
  if (!coding) return refused(ErrorCode::encoding_unsupported, "");
  if (*coding == Coding::identity) return peek(body);
  const auto decoded = decode(*coding, body);
  if (!decoded) return decoding_failed(decoded.error());
  return peek(*decoded);
}

}  // namespace relay::claude
