// Invariants under test: where the bytes are cut never changes what is read; going past a value at
// once accepts what reading it token by token accepts, and ends where that ends; we accept all that
// simdjson accepts, and of what it refuses only what we say we leave unchecked.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "claude/json_reader.h"

namespace {

using relay::claude::JsonReader;
using Token = JsonReader::Token;

struct Reading {
  std::string tokens;  // Kind, text and end of each.
  bool is_complete = false;
  bool is_too_deep = false;

  friend bool operator==(const Reading&, const Reading&) = default;
};

void read_piece(JsonReader& reader, std::string_view piece, Reading& reading) {
  reader.feed(piece);
  for (Token token = reader.next(); token != Token::more; token = reader.next()) {
    reading.tokens += static_cast<char>('A' + static_cast<int>(token));
    if (token == Token::invalid) return;
    if (token == Token::name || token == Token::string || token == Token::number) {
      reading.tokens += reader.text();
    }
    reading.tokens += std::to_string(reader.token_begin()) + "-";
    reading.tokens += std::to_string(reader.position());
  }
}

Reading read(std::string_view first, std::string_view second) {
  JsonReader reader;
  Reading reading;
  read_piece(reader, first, reading);
  if (!reading.tokens.ends_with('A' + static_cast<int>(Token::invalid))) {
    read_piece(reader, second, reading);
  }
  reading.is_complete = reader.is_complete();
  reading.is_too_deep = reader.is_too_deep();
  return reading;
}

// From the first object or array on.
void expect_skip_agrees(std::string_view json) {
  JsonReader walking{json};
  const Token first = walking.next();
  if (first != Token::object && first != Token::array) return;
  JsonReader skipping = walking;
  Token token = first;
  while (walking.depth() > 0 && token != Token::more && token != Token::invalid) {
    token = walking.next();
  }
  const bool is_whole = walking.depth() == 0;
  if (skipping.skip_opened() != is_whole) std::abort();
  if (!is_whole) return;
  if (skipping.position() != walking.position() || skipping.next() != walking.next()) std::abort();
}

// What a reader that looks at tokens only leaves to others.
bool is_beyond_tokens(simdjson::error_code error) {
  return error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR ||
         error == simdjson::UTF8_ERROR;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = data[0] % size;
  const std::string_view json{reinterpret_cast<const char*>(data) + 1, size - 1};

  const Reading whole = read(json, "");
  if (read(json.substr(0, cut), json.substr(cut)) != whole) std::abort();
  expect_skip_agrees(json);

  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const auto error = parser.parse(json.data(), json.size()).get(root);
  const bool is_container = error == simdjson::SUCCESS && (root.is_object() || root.is_array());
  if (is_container && !whole.is_complete && !whole.is_too_deep) std::abort();
  if (whole.is_complete && error != simdjson::SUCCESS && !is_beyond_tokens(error)) std::abort();
  return 0;
}
