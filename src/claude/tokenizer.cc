#include "claude/tokenizer.h"

#include <simdjson.h>

#include <string>

#include "base/limits.h"
#include "claude/tokenizer_characters.h"
#include "claude/tokenizer_merge.h"
#include "claude/tokenizer_pieces.h"
#include "claude/tokenizer_vocabulary.h"

namespace relay::claude {
namespace {

// Hands every token of `text` to `take`, in order.
template <typename Take>
void for_each_token(Encoding encoding, std::string_view text, Take take) {
  const Vocabulary& vocabulary = Vocabulary::of(encoding);
  Merge merge{vocabulary};
  std::string replaced;
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    replaced = replace_invalid(text);
    text = replaced;
  }

  while (!text.empty()) {
    std::string_view piece = text.substr(0, first_piece_bytes(encoding, text));
    text.remove_prefix(piece.size());
    if (const auto rank = vocabulary.rank(piece)) {
      take(*rank);
      continue;
    }
    while (!piece.empty()) {
      const std::string_view part = piece.substr(0, limits::token_piece_bytes_max);
      for (const std::uint32_t token : merge.tokens(part)) take(token);
      piece.remove_prefix(part.size());
    }
  }
}

}  // namespace

core::TokenCount count_tokens(Encoding encoding, std::string_view text) {
  core::TokenCount count = 0;
  for_each_token(encoding, text, [&](std::uint32_t) { ++count; });
  return count;
}

std::vector<std::uint32_t> encode(Encoding encoding, std::string_view text) {
  std::vector<std::uint32_t> tokens;
  for_each_token(encoding, text, [&](std::uint32_t token) { tokens.push_back(token); });
  return tokens;
}

}  // namespace relay::claude
