#pragma once

#include "claude/json_scan.h"

namespace relay::claude {

// A block for JsonBlockScan, in a few lanes of a processor's vectors.
template <typename Lane>
class JsonLanes {
 public:
  explicit JsonLanes(const char* bytes) noexcept {
#pragma GCC unroll 4
    for (int n = 0; n < count; ++n) lanes_[n] = Lane::load(bytes + n * Lane::bytes);
  }

  Places equal(char c) const noexcept {
    return places([c](Lane lane) { return lane.equal(c); });
  }
  Places controls() const noexcept {
    return places([](Lane lane) { return lane.in_range(0, 0x1f); });
  }
  Places blanks() const noexcept {
    return places([](Lane lane) { return lane.equal_by_low_digit(blank_table); });
  }
  Places marks() const noexcept {
    return places([](Lane lane) {
      return lane.equal_by_low_digit(mark_table) | lane.equal_by_low_digit(bracket_table);
    });
  }
  Places text_ends() const noexcept {
    return places([](Lane lane) { return lane.in_range(0, 0x1f) | lane.equal('"'); });
  }
  Places escape_letters() const noexcept {
    return places([](Lane lane) {
      return lane.equal_by_low_digit(letter_table) | lane.equal('r') | lane.equal('"');
    });
  }
  Places hex_digits() const noexcept {
    return places(
        [](Lane lane) { return lane.in_range('0', '9') | lane.with(0x20).in_range('a', 'f'); });
  }

  static Places running_xor(Places x) noexcept {
    return Lane::running_xor(x);
  }

 private:
  static constexpr int count = 64 / Lane::bytes;

  // By the lower hexadecimal digit of a byte: the one byte that is looked for. What never matches
  // has to be no ASCII.
  static constexpr char none = '\x80';
  alignas(16) static constexpr char blank_table[16] = {' ',  none, none, none, none, none,
                                                       none, none, none, '\t', '\n', none,
                                                       none, '\r', none, none};
  alignas(16) static constexpr char mark_table[16] = {
      none, none, none, none, none, none, none, none, none, none, ':', '{', ',', '}', none, none};
  alignas(16) static constexpr char bracket_table[16] = {
      none, none, none, none, none, none, none, none, none, none, none, '[', none, ']', none, none};
  alignas(16) static constexpr char letter_table[16] = {
      none, none, 'b', none, 't', none, 'f', none, none, none, none, none, none, none, 'n', '/'};

  [[gnu::always_inline]] Places places(auto matches) const noexcept {
    Places all = 0;
#pragma GCC unroll 4
    for (int n = 0; n < count; ++n) all |= Lane::places(matches(lanes_[n])) << n * Lane::bytes;
    return all;
  }

  Lane lanes_[count];
};

}  // namespace relay::claude
