#include "http/field_name.h"

#include <cstring>

namespace relay::http {
namespace {

template <typename Word>
Word load(const char* at) noexcept {
  Word bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// All of fewer than eight bytes, some of them more than once.
std::uint64_t load_few(std::string_view text) noexcept {
  const char* const begin = text.data();
  const std::size_t size = text.size();
  if (size >= sizeof(std::uint32_t)) {
    const std::uint64_t last = load<std::uint32_t>(begin + size - sizeof(std::uint32_t));
    return load<std::uint32_t>(begin) | last << 32;
  }
  if (size == 0) return 0;
  const auto byte = [begin](std::size_t at) {
    return std::uint64_t{load<std::uint8_t>(begin + at)};
  };
  return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

constexpr std::uint64_t each(std::uint8_t byte) noexcept {
  return std::uint64_t{0x0101010101010101} * byte;
}

// Each of eight bytes, if it is an ASCII letter, in lower case: what is at least 'A' carries into
// its highest bit when 0x80 - 'A' is added, what is beyond 'Z' when 0x7f - 'Z' is.
constexpr std::uint64_t in_lower_case(std::uint64_t bytes) noexcept {
  const std::uint64_t low_bits = bytes & each(0x7f);
  const std::uint64_t from_a = low_bits + each(0x80 - 'A');
  const std::uint64_t beyond_z = low_bits + each(0x7f - 'Z');
  const std::uint64_t is_upper = from_a & ~beyond_z & ~bytes & each(0x80);
  return bytes | (is_upper >> 2);
}

// Of texts of one size, eight bytes at a time, the last of them perhaps twice.
template <typename Same>
bool all_same(std::string_view a, std::string_view b, Same is_same) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  const std::size_t size = a.size();
  if (size < step) return is_same(load_few(a), load_few(b));
  for (std::size_t at = 0; at + step < size; at += step) {
    if (!is_same(load<std::uint64_t>(a.data() + at), load<std::uint64_t>(b.data() + at)))
      return false;
  }
  return is_same(load<std::uint64_t>(a.data() + size - step),
                 load<std::uint64_t>(b.data() + size - step));
}

constexpr std::size_t slots = 512;  // Many more than names, so that a look-up is one step.

// The same for every spelling of a name. Requires: not empty.
constexpr std::size_t slot_of(std::string_view name) noexcept {
  const auto folded = [name](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(name.data()[at] | 0x20));
  };
  const std::size_t last = name.size() - 1;
  return (16 * name.size() + 61 * folded(0) + 63 * folded(name.size() / 2) + 45 * folded(last)) %
         slots;
}

// Whether they are the same but for the case of letters. All that a known name has with bit 6 are
// letters, and of the bytes that bit 5 makes a small letter only its capital is another one.
bool is_spelling_of(std::string_view name, std::string_view known) noexcept {
  const auto is_same = [](std::uint64_t bytes, std::uint64_t of_known) {
    return (bytes | (of_known & each(0x40)) >> 1) == of_known;
  };
  return name.size() == known.size() && all_same(name, known, is_same);
}

// By slot_of(); what would collide lies behind it.
constexpr auto known_by_slot = [] {
  std::array<FieldId, slots> table;
  table.fill(FieldId::other);
  for (std::size_t i = 0; i < known_field_names.size(); ++i) {
    std::size_t slot = slot_of(known_field_names[i]);
    while (table[slot] != FieldId::other) slot = (slot + 1) % slots;
    table[slot] = static_cast<FieldId>(i);
  }
  return table;
}();

}  // namespace

bool same_letters(std::string_view a, std::string_view b) noexcept {
  return all_same(a, b, [](std::uint64_t x, std::uint64_t y) {
    return x == y || in_lower_case(x) == in_lower_case(y);
  });
}

FieldId field_id(std::string_view name) noexcept {
  if (name.empty()) return FieldId::other;
  for (std::size_t slot = slot_of(name);; slot = (slot + 1) % slots) {
    const FieldId id = known_by_slot.data()[slot];
    if (id == FieldId::other) return id;
    if (is_spelling_of(name, known_field_names.data()[static_cast<std::size_t>(id)])) return id;
  }
}

}  // namespace relay::http
