#include "store/sqlite_record.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace relay::store {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are turned round");

// The types of numbers, by how many bits they take beside the one of their sign.
struct NumberType {
  std::uint8_t type;
  std::uint8_t bytes;
};

constexpr NumberType type_of_bits(std::size_t bits) noexcept {
  constexpr std::array<NumberType, 6> types = {{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 6}, {6, 8}}};
  for (const NumberType& type : types) {
    if (bits < 8u * type.bytes) return type;
  }
  return types.back();
}

constexpr auto number_types = [] {
  std::array<NumberType, 64> all = {};
  for (std::size_t bits = 0; bits < all.size(); ++bits) all[bits] = type_of_bits(bits);
  return all;
}();

}  // namespace

std::uint8_t* put_varint(std::uint8_t* place, std::uint64_t number) noexcept {
  if (number >> 56 != 0) {  // The last of nine bytes has eight bits.
    for (int shift = 57; shift >= 8; shift -= 7) {
      *place++ = static_cast<std::uint8_t>(0x80 | number >> shift);
    }
    *place++ = static_cast<std::uint8_t>(number);
    return place;
  }
  for (int shift = (static_cast<int>(std::bit_width(number | 1)) - 1) / 7 * 7; shift > 0;
       shift -= 7) {
    *place++ = static_cast<std::uint8_t>(0x80 | number >> shift);
  }
  *place++ = static_cast<std::uint8_t>(number & 0x7f);
  return place;
}

void SqliteRecord::clear() noexcept {
  head_size_ = 1;
  body_size_ = 0;
}

void SqliteRecord::add(std::int64_t number) noexcept {
  if (number == 0 || number == 1) return add_type(static_cast<std::uint64_t>(8 + number));
  const auto bits = static_cast<std::uint64_t>(number);
  const std::uint64_t magnitude = number < 0 ? ~bits : bits;
  const NumberType type = number_types[static_cast<std::size_t>(std::bit_width(magnitude))];
  add_type(type.type);
  assert(body_size_ + type.bytes <= body_max);
  const std::uint64_t turned = __builtin_bswap64(bits << (64 - 8 * type.bytes));
  std::memcpy(body_.data() + body_size_, &turned, sizeof turned);
  body_size_ += type.bytes;
}

void SqliteRecord::add(std::string_view text) noexcept {
  add_type(2 * text.size() + 13);
  add_body(text.data(), text.size());
}

void SqliteRecord::add(std::span<const std::uint8_t> bytes) noexcept {
  add_type(2 * bytes.size() + 12);
  add_body(bytes.data(), bytes.size());
}

void SqliteRecord::copy_to(std::uint8_t* place) const noexcept {
  std::memcpy(place, head_.data(), head_size_);
  *place = static_cast<std::uint8_t>(head_size_);
  std::memcpy(place + head_size_, body_.data(), body_size_);
}

void SqliteRecord::add_body(const void* bytes, std::size_t size) noexcept {
  assert(body_size_ + size <= body_max);
  if (size > 0)
    std::memcpy(body_.data() + body_size_, bytes, size);  // Of nothing, no pointer is known.
  body_size_ += size;
}

}  // namespace relay::store
