#include "claude/tokenizer_pieces.h"

#include <algorithm>
#include <cassert>

#include "claude/tokenizer_characters.h"

// The patterns are js-tiktoken's, alternatives tried in this order (contraction: 's 't 're 've 'm
// 'll 'd in either case of ASCII letters, and no others):
//
// cl100k_base                                o200k_base, where
//                                            A = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
//                                            a = [\p{Ll}\p{Lm}\p{Lo}\p{M}]
//   contraction
//   [^\r\n\p{L}\p{N}]?\p{L}+                   [^\r\n\p{L}\p{N}]?A*a+ contraction?
//                                              [^\r\n\p{L}\p{N}]?A+a* contraction?
//   \p{N}{1,3}                                 the same
//    ?[^\s\p{L}\p{N}]+[\r\n]*                   ?[^\s\p{L}\p{N}]+[\r\n/]*
//   \s*[\r\n]+                                 the same
//   \s+(?!\S)                                  the same
//   \s+                                        the same
//
// Each function below returns where its alternative ends, 0 where it does not match.
namespace relay::claude {
namespace {

constexpr KindSet not_before_word = kind::newline | kind::letter | kind::number;
constexpr KindSet symbols = kind::symbol | kind::mark;
constexpr KindSet capitals = kind::upper | kind::uncased | kind::mark;       // A
constexpr KindSet small_letters = kind::lower | kind::uncased | kind::mark;  // a

std::size_t skip(std::string_view text, std::size_t at, KindSet kinds) noexcept {
  for (;;) {
    const Character character = character_at(text, at);
    if (!character.is(kinds)) return at;
    at += character.bytes;
  }
}

char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t contraction(std::string_view text, std::size_t at) noexcept {
  const std::string_view rest = text.substr(at);
  if (rest.size() < 2 || rest[0] != '\'') return 0;
  const char first = ascii_lower(rest[1]);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  if (rest.size() < 3) return 0;
  const char second = ascii_lower(rest[2]);
  if (second == 'e' && (first == 'r' || first == 'v')) return at + 3;
  return first == 'l' && second == 'l' ? at + 3 : 0;
}

// Where the letters of a word begin: behind the one other character that may go before them.
std::size_t word_begin(Character first) noexcept {
  return first.is(not_before_word) ? 0 : first.bytes;
}

std::size_t cl100k_word(std::string_view text, Character first) noexcept {
  const std::size_t begin = word_begin(first);
  const std::size_t end = skip(text, begin, kind::letter);
  return end > begin ? end : 0;
}

// Both alternatives for words at once. A* runs up to a character that is not in A. If `a` matches
// there, the first alternative goes on from there. Else A* gives back characters until `a` matches
// the one after it, which is the last uncased letter or mark of the run. If there is none, a mark
// in front of the run is a word by itself, for it may also be no prefix but `a`. Else the second
// alternative takes the run.
std::size_t o200k_letters(std::string_view text, Character first) noexcept {
  const std::size_t begin = word_begin(first);
  std::size_t at = begin;
  std::size_t uncased_end = 0;
  for (;;) {
    const Character character = character_at(text, at);
    if (character.is(kind::lower)) return skip(text, at, small_letters);
    if (!character.is(capitals)) break;
    at += character.bytes;
    if (!character.is(kind::upper)) uncased_end = at;
  }
  if (uncased_end > 0) return uncased_end;
  if (first.is(kind::mark)) return first.bytes;
  return at > begin ? at : 0;
}

std::size_t o200k_word(std::string_view text, Character first) noexcept {
  const std::size_t end = o200k_letters(text, first);
  return end > 0 ? std::max(end, contraction(text, end)) : 0;
}

std::size_t number(std::string_view text, Character first) noexcept {
  constexpr int digits_max = 3;
  std::size_t at = 0;
  Character character = first;
  for (int i = 0; i < digits_max && character.is(kind::number); ++i) {
    at += character.bytes;
    character = character_at(text, at);
  }
  return at;
}

std::size_t symbol_run(std::string_view text, std::string_view trailing) noexcept {
  const std::size_t begin = text[0] == ' ' ? 1 : 0;
  const std::size_t end = skip(text, begin, symbols);
  if (end == begin) return 0;
  return std::min(text.find_first_not_of(trailing, end), text.size());
}

// A run with a newline ends behind its last one. One before other text leaves it a character, if it
// has more than that: often the space that belongs to the next word.
std::size_t whitespace(std::string_view text) noexcept {
  std::size_t end = 0;
  std::size_t last_begin = 0;
  std::size_t newline_end = 0;
  for (;;) {
    const Character character = character_at(text, end);
    if (!character.is(kind::whitespace)) break;
    last_begin = end;
    end += character.bytes;
    if (character.is(kind::newline)) newline_end = end;
  }
  if (newline_end > 0) return newline_end;
  if (end == text.size() || last_begin == 0) return end;
  return last_begin;
}

std::size_t cl100k_piece(std::string_view text) noexcept {
  const Character first = character_at(text, 0);
  if (const std::size_t end = contraction(text, 0)) return end;
  if (const std::size_t end = cl100k_word(text, first)) return end;
  if (const std::size_t end = number(text, first)) return end;
  if (const std::size_t end = symbol_run(text, "\r\n")) return end;
  return whitespace(text);
}

std::size_t o200k_piece(std::string_view text) noexcept {
  const Character first = character_at(text, 0);
  if (const std::size_t end = o200k_word(text, first)) return end;
  if (const std::size_t end = number(text, first)) return end;
  if (const std::size_t end = symbol_run(text, "\r\n/")) return end;
  return whitespace(text);
}

}  // namespace

std::size_t first_piece_bytes(Encoding encoding, std::string_view text) noexcept {
  assert(!text.empty());
  return encoding == Encoding::cl100k_base ? cl100k_piece(text) : o200k_piece(text);
}

}  // namespace relay::claude
