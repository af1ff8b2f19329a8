#include "claude/input_estimate.h"

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "claude/json_reader.h"
#include "claude/tokenizer.h"

namespace relay::claude {
namespace {

using core::TokenCount;
using Token = JsonReader::Token;

constexpr std::size_t token_bytes = 4;             // Of text nobody looked into.
constexpr std::size_t base64_bytes_min = 1024;     // A "data" shorter than that is text.
constexpr TokenCount image_tokens = 1'600;         // The documented ceiling of one image.
constexpr std::size_t document_token_bytes = 200;  // Base64 of a PDF, by the pages of usual ones.

struct Text {
  std::string sample;
  std::size_t bytes = 0;
  TokenCount other_tokens = 0;

  void add(std::string_view part) {
    bytes += part.size();
    const std::size_t room = limits::estimate_question_sample_bytes - sample.size();
    sample.append(part.substr(0, room));
  }
  void add_base64(std::size_t size) {
    other_tokens += std::max(image_tokens, static_cast<TokenCount>(size / document_token_bytes));
  }
};

// A string's size by its place in the text: one that is too long to be kept has no text().
std::size_t string_bytes(const JsonReader& reader) noexcept {
  const std::size_t quoted = reader.position() - reader.token_begin();
  return quoted - std::min<std::size_t>(quoted, 2);
}

bool gather(std::string_view body, Text& text) {
  JsonReader reader{body};
  bool is_data = false;
  for (;;) {
    const Token token = reader.next();
    if (token == Token::more) return reader.is_complete();
    if (token == Token::invalid) return false;
    if (token == Token::string) {
      const std::size_t bytes = string_bytes(reader);
      if (is_data && bytes >= base64_bytes_min) {
        text.add_base64(bytes);
      } else {
        text.add(body.substr(reader.token_begin() + 1, bytes));
      }
    }
    is_data = token == Token::name && reader.text() == "data";
    if (token == Token::name) text.add(reader.text());
  }
}

}  // namespace

TokenCount estimate_input(std::string_view body) {
  Text text;
  if (!gather(body, text)) return static_cast<TokenCount>(body.size() / token_bytes);
  if (text.sample.empty()) return text.other_tokens;
  const TokenCount sampled = count_tokens(Encoding::o200k_base, text.sample);
  const double scale = static_cast<double>(text.bytes) / static_cast<double>(text.sample.size());
  return text.other_tokens + static_cast<TokenCount>(static_cast<double>(sampled) * scale + 0.5);
}

}  // namespace relay::claude
