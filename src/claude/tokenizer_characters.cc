#include "claude/tokenizer_characters.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace relay::claude {
namespace {

using kind::lower, kind::mark, kind::newline, kind::number, kind::space, kind::symbol,
    kind::uncased, kind::upper;

// Code points of one kind, up to where the next run begins.
struct Run {
  char32_t first;
  KindSet of;
};

constexpr Run runs[] = {
#include "claude/tokenizer_characters.inc"
};

// The kinds of the Basic Multilingual Plane, which is nearly all of all text, one by one.
constexpr std::size_t plane_size = 0x10000;
constexpr auto plane = [] {
  std::array<KindSet, plane_size> kinds{};
  const Run* run = std::begin(runs);
  for (std::size_t i = 0; i < plane_size; ++i) {
    if (run + 1 != std::end(runs) && run[1].first == i) ++run;
    kinds[i] = run->of;
  }
  return kinds;
}();

KindSet kind_beyond_plane(char32_t code_point) noexcept {
  const auto begins_later = [](char32_t wanted, const Run& run) { return wanted < run.first; };
  return std::prev(std::upper_bound(std::begin(runs), std::end(runs), code_point, begins_later))
      ->of;
}

struct ByteRange {
  unsigned char min = 0x80;
  unsigned char max = 0xbf;
};

// What a first byte promises: how many bytes, and which second ones. RFC 3629 section 4.
struct Sequence {
  std::size_t bytes = 0;  // Zero: no character begins with this byte.
  ByteRange second = {};
};

Sequence sequence_of(unsigned char first) noexcept {
  if (first < 0x80) return {1};
  if (first < 0xc2) return {};
  if (first < 0xe0) return {2};
  if (first == 0xe0) return {3, {0xa0, 0xbf}};
  if (first == 0xed) return {3, {0x80, 0x9f}};
  if (first < 0xf0) return {3};
  if (first == 0xf0) return {4, {0x90, 0xbf}};
  if (first < 0xf4) return {4};
  if (first == 0xf4) return {4, {0x80, 0x8f}};
  return {};
}

// How much of `text` is one character, or the beginning of one that then breaks off; one byte if
// not even that. Requires: text is not empty.
struct Subpart {
  std::size_t bytes;
  bool is_character;
};

Subpart first_subpart(std::string_view text) noexcept {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text[0]));
  ByteRange next = sequence.second;
  std::size_t bytes = 1;
  while (bytes < sequence.bytes && bytes < text.size()) {
    const auto byte = static_cast<unsigned char>(text[bytes]);
    if (byte < next.min || byte > next.max) break;
    next = {};
    ++bytes;
  }
  return {bytes, bytes == sequence.bytes};
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) noexcept {
  if (at == text.size()) return {};
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at + i]));
  };
  const auto low_bits = [&](std::size_t i) { return byte(i) & 0x3f; };
  const char32_t first = byte(0);
  if (first < 0x80) return {plane[first], 1};
  if (first < 0xe0) return {plane[(first & 0x1f) << 6 | low_bits(1)], 2};
  if (first < 0xf0) {
    return {plane[(first & 0x0f) << 12 | low_bits(1) << 6 | low_bits(2)], 3};
  }
  const char32_t code_point =
      (first & 0x07) << 18 | low_bits(1) << 12 | low_bits(2) << 6 | low_bits(3);
  return {kind_beyond_plane(code_point), 4};
}

std::string replace_invalid(std::string_view text) {
  std::string valid;
  valid.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const Subpart subpart = first_subpart(text);
    valid.append(subpart.is_character ? text.substr(0, subpart.bytes) : "\xef\xbf\xbd");
    text.remove_prefix(subpart.bytes);
  }
  return valid;
}

}  // namespace relay::claude
