#pragma once

#include <cstddef>
#include <cstring>

#include "claude/json_scan.h"

namespace relay::claude {

// A JsonScanner, in terms of what a Block knows of its 64 bytes:
//
//   explicit Block(const char* bytes);
//   Places equal(char c) const;
//   Places controls() const;              // Below 0x20.
//   Places blanks() const;                // Of JSON.
//   Places marks() const;                 // []{},:
//   Places text_ends() const;             // Below 0x20, and "
//   Places escape_letters() const;        // bfnrt/"
//   Places hex_digits() const;
//   static Places running_xor(Places x);  // Bit n: of the bits 0 to n.
//
// The idea is that of simdjson (Langdale and Lemire, Parsing Gigabytes of JSON per Second). All is
// in the template, so that what was compiled for one processor is never taken for another's.
template <typename Block>
class JsonBlockScan {
 public:
  static const JsonScanner scanner;

 private:
  static constexpr std::ptrdiff_t block_bytes = 64;
  static constexpr int last = 63;

  static Places find_tokens(JsonScan& given) noexcept {
    JsonScan scan = given;
    Places tokens = 0;
    while (tokens == 0 && !scan.is_over) {
      char padded[block_bytes];
      const char* bytes = scan.block = scan.next;
      const std::ptrdiff_t left = scan.end - scan.next;
      if (left >= block_bytes) {
        scan.next += block_bytes;
      } else {
        bytes = with_blanks_behind(scan.next, left, padded);
        scan.next = scan.end;
        scan.is_over = true;
      }
      tokens = tokens_of(Block{bytes}, scan);
      if (tokens == 0) skip_inner_blocks(scan);
    }
    given = scan;
    return tokens;
  }

  // Goes over what of a long string has neither its end, nor anything wrong, nor escapes that take
  // a closer look.
  [[gnu::always_inline]] static inline void skip_inner_blocks(JsonScan& scan) noexcept {
    if (scan.inside == 0 || scan.escape.digits != 0) return;
    const char* at = scan.next;
    Places letter = scan.escape.letter;
    for (; scan.end - at >= block_bytes; at += block_bytes) {
      const Block block{at};
      const Places backslashes = block.equal('\\');
      const Places escaped = backslashes << 1 | letter;
      const Places stops = (block.text_ends() & ~escaped) | (escaped & ~block.escape_letters());
      if (stops != 0) break;
      letter = backslashes >> last;
    }
    scan.next = at;
    scan.escape.letter = letter;
  }

  static const char* with_blanks_behind(const char* bytes, std::ptrdiff_t size,
                                        char (&padded)[block_bytes]) noexcept {
    std::memset(padded, ' ', sizeof padded);
    if (size > 0) std::memcpy(padded, bytes, static_cast<std::size_t>(size));
    return padded;
  }

  [[gnu::always_inline]] static inline Places tokens_of(const Block& block,
                                                        JsonScan& scan) noexcept {
    const Places backslashes = block.equal('\\');
    Places quotes = block.equal('"');
    Places escaped = 0;
    if ((backslashes | scan.escape.letter) != 0) {
      escaped = find_escaped(backslashes, scan.escape);
      quotes &= ~escaped;
    }
    const Places inside = quotes == 0 ? scan.inside : Block::running_xor(quotes) ^ scan.inside;
    Places bad = block.controls() & inside;
    if ((escaped | scan.escape.digits) != 0) {
      bad |= bad_escapes(block, backslashes, escaped & inside, scan.escape);
    }
    if ((quotes | bad | ~inside) == 0) return 0;

    scan.inside = Places{0} - (inside >> last);
    const Places marks = block.marks() & ~inside;
    const Places scalars = ~(marks | block.blanks() | quotes | inside);
    const Places scalar_begins = scalars & ~(scalars << 1 | scan.in_scalar);
    scan.in_scalar = scalars >> last;
    const Places tokens = marks | (quotes & inside) | scalar_begins;
    if (bad == 0) return tokens;
    scan.is_over = true;
    return tokens & (lowest(bad) - 1);
  }

  static const char* skip_text(const char* at, const char* end, bool& has_escapes) noexcept {
    OpenEscape open;
    for (; end - at >= block_bytes; at += block_bytes) {
      const Block block{at};
      const Places backslashes = block.equal('\\');
      Places quotes = block.equal('"');
      Places bad = block.controls();
      const OpenEscape open_before = open;
      if ((backslashes | open.letter | open.digits) != 0) {
        const Places escaped = find_escaped(backslashes, open);
        quotes &= ~escaped;
        bad |= bad_escapes(block, backslashes, escaped, open);
      }
      const Places to_quote = quotes ^ (quotes - 1);
      if ((bad & to_quote) != 0) return at - bytes_of(open_before);
      has_escapes = has_escapes || (backslashes & to_quote) != 0;
      if (quotes != 0) return at + __builtin_ctzll(quotes);
    }
    return at - bytes_of(open);
  }

  // The letters of escapes: what follows an odd number of backslashes.
  [[gnu::always_inline]] static inline Places find_escaped(Places backslashes,
                                                           OpenEscape& open) noexcept {
    constexpr Places even = 0x5555'5555'5555'5555;
    backslashes &= ~open.letter;
    const Places behind = backslashes << 1 | open.letter;
    if ((backslashes & behind) == 0) {  // Nearly always: no two of them in a row.
      open.letter = backslashes >> last;
      return behind;
    }
    const Places odd_begins = backslashes & ~even & ~behind;
    Places even_ends = 0;
    open.letter = __builtin_add_overflow(odd_begins, backslashes, &even_ends) ? 1 : 0;
    return (even ^ even_ends << 1) & behind;
  }

  // Where an escape is none: its letter, or what should be one of its digits.
  [[gnu::always_inline]] static inline Places bad_escapes(const Block& block, Places backslashes,
                                                          Places escaped,
                                                          OpenEscape& open) noexcept {
    const Places complete = block.escape_letters() | backslashes;
    const Places incomplete = escaped & ~complete;
    if ((incomplete | open.digits) == 0) return 0;
    const Places long_ones = incomplete & block.equal('u');
    const Places digits =
        long_ones << 1 | long_ones << 2 | long_ones << 3 | long_ones << 4 | open.digits;
    open.digits = long_ones >> 63 | long_ones >> 62 | long_ones >> 61 | long_ones >> 60;
    return (incomplete & ~long_ones) | (digits & ~block.hex_digits());
  }

  // What has come of an escape: one that is not there has no bytes.
  static std::ptrdiff_t bytes_of(const OpenEscape& open) noexcept {
    constexpr int long_escape = 6;
    if (open.letter != 0) return 1;
    return open.digits == 0 ? 0 : long_escape - __builtin_popcountll(open.digits);
  }

  static Places lowest(Places places) noexcept { return places & (Places{0} - places); }
};

template <typename Block>
constinit const JsonScanner JsonBlockScan<Block>::scanner = {.find_tokens = &find_tokens,
                                                             .skip_text = &skip_text};

}  // namespace relay::claude
