#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/short_text.h"

namespace relay::claude {

// Reads one JSON text (RFC 8259) token by token, from pieces that may be cut anywhere.
//
// It checks the whole grammar, nesting up to limits::json_depth_max and that nothing follows, but
// neither UTF-8 nor the pairing of surrogate escapes, which models do break. What is nested deeper
// is refused; or, by a reader of_any_depth(), passed over: of it only the end is looked for. It
// copies nothing that lies within one piece and keeps at most limits::json_token_bytes_max of what
// does not.
//
// Not thread-safe.
class JsonReader {
 public:
  enum class Token : std::uint8_t {
    more,     // The piece is used up: feed() the next one, if there is one.
    invalid,  // Not JSON, or nested too deeply. Stays so.
    object,
    object_end,
    array,
    array_end,
    name,  // Of a member. Its value follows.
    string,
    number,
    true_,
    false_,
    null,
  };

  JsonReader() = default;
  explicit JsonReader(std::string_view whole) noexcept { feed(whole); }
  [[nodiscard]] static JsonReader of_any_depth() noexcept {
    JsonReader reader;
    reader.passes_over_deeper_ = true;
    return reader;
  }

  // Requires: next() has returned `more`, or was not called yet. The bytes must stay until it does.
  void feed(std::string_view piece) noexcept;

  [[nodiscard]] Token next();

  // Of the last token, if it was a name, a string or a number: its bytes as they were written,
  // without quotes. Valid until next(). Empty if there are more than limits::json_token_bytes_max.
  [[nodiscard]] std::string_view text() const noexcept {
    return is_text_too_long() ? std::string_view{} : text_;
  }
  [[nodiscard]] bool is_text_too_long() const noexcept {
    return text_.size() > limits::json_token_bytes_max;
  }

  // The same, and what its escapes mean.
  [[nodiscard]] bool has_escapes() const noexcept { return has_escapes_; }
  [[nodiscard]] std::string plain_text() const;
  template <std::size_t N>
  [[nodiscard]] ShortText<N> short_text() const {
    return has_escapes_ ? ShortText<N>{plain_text()} : ShortText<N>{text()};
  }
  [[nodiscard]] bool is_text(std::string_view plain) const {
    return has_escapes_ ? plain_text() == plain : text() == plain;
  }

  // Behind a token that opened an object or array: goes behind the one that closes it, if all of it
  // is in this piece and is JSON; it is the last token then. False: nothing has happened.
  bool skip_opened();

  // Where the last token lies, counted in bytes from the first piece; with its quotes.
  [[nodiscard]] std::size_t token_begin() const noexcept { return token_begin_; }
  [[nodiscard]] std::size_t position() const noexcept {
    return before_ + static_cast<std::size_t>(at_ - piece_);
  }

  // How many objects and arrays are open after the last token.
  [[nodiscard]] int depth() const noexcept { return depth_; }
  [[nodiscard]] bool is_complete() const noexcept { return expect_ == Expect::nothing; }
  [[nodiscard]] bool is_too_deep() const noexcept { return is_too_deep_; }

 private:
  enum class Expect : std::uint8_t {
    value,
    first_value,  // Or the end of the array.
    name,
    first_name,  // Or the end of the object.
    colon,
    comma,  // Or the end of the object or array.
    nothing,
    failed,
  };
  enum class Partial : std::uint8_t { none, string, scalar };

  Token value(char first);
  Token open(bool is_object);
  Token close(char bracket);
  Token string();
  Token cut_string(const char* begin);
  Token string_ended() noexcept;
  Token scalar();
  Token fail() noexcept;
  Token suspend(Partial partial, std::string_view begun);
  bool skip_to_quote() noexcept;
  bool is_passed_over(char first) noexcept;
  bool go_past_deeper() noexcept;
  bool take_of_escape(char c) noexcept;
  void finish_value() noexcept { expect_ = depth_ == 0 ? Expect::nothing : Expect::comma; }
  void keep(std::string_view bytes);
  void take_text(std::string_view rest);

  const char* piece_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::size_t before_ = 0;  // Bytes of the pieces before this one.
  std::size_t token_begin_ = 0;
  std::string_view text_;
  std::string kept_;              // The beginning of a token that was cut.
  std::uint64_t containers_ = 0;  // What is open, innermost in the lowest bit; 1 is an object.
  std::uint8_t depth_ = 0;
  Expect expect_ = Expect::value;
  Partial partial_ = Partial::none;
  std::uint8_t escape_ = 0;  // Inside an escape of a string: what is due of it.
  bool has_escapes_ = false;
  bool is_too_deep_ = false;
  bool passes_over_deeper_ = false;
  bool is_in_deeper_string_ = false;
  std::size_t deeper_ = 0;  // How many containers are open beyond the limit.
};

// For a text that was fed whole: goes behind the value whose first token is `first`. False if that
// is not JSON or not all there.
bool skip_value(JsonReader& reader, JsonReader::Token first);

// For a text that was fed whole: calls `on_member(name, first)` for every member of the object
// whose first token was just read, where `name` has no escapes left and `first` is the first
// token of its value. `on_member` goes behind the value; false from it ends the walk.
template <typename OnMember>
bool each_member(JsonReader& reader, OnMember on_member) {
  std::string plain_name;
  for (;;) {
    const JsonReader::Token token = reader.next();
    if (token == JsonReader::Token::object_end) return true;
    if (token != JsonReader::Token::name) return false;
    std::string_view name = reader.text();
    if (reader.has_escapes()) name = plain_name = reader.plain_text();
    const JsonReader::Token first = reader.next();
    if (!on_member(name, first)) return false;
  }
}

}  // namespace relay::claude
