#include "base/crc.h"

#include <array>
#include <cstring>

namespace relay {
namespace {

using Table = std::array<std::uint32_t, 256>;

constexpr Table table_of(std::uint32_t reflected_polynomial) {
  Table table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) * reflected_polynomial);
    table[byte] = crc;
  }
  return table;
}

std::uint32_t by_table(const Table& table, std::span<const std::byte> bytes, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const std::byte byte : bytes) {
    crc = (crc >> 8) ^ table[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  }
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::span<const std::byte> bytes,
                                                             std::uint32_t seed) noexcept {
  std::uint64_t crc = static_cast<std::uint32_t>(~seed);
  for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    crc = __builtin_ia32_crc32di(crc, word);
  }
  auto tail = static_cast<std::uint32_t>(crc);
  for (const std::byte byte : bytes) {
    tail = __builtin_ia32_crc32qi(tail, std::to_integer<std::uint8_t>(byte));
  }
  return ~tail;
}

const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
#endif

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) noexcept {
  static constexpr Table table = table_of(0xEDB88320);
  return by_table(table, bytes, 0);
}

std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  static constexpr Table table = table_of(0x82F63B78);
  return by_table(table, bytes, seed);
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  if (has_sse42) return crc32c_sse42(bytes, seed);
#endif
  return crc32c_portable(bytes, seed);
}

}  // namespace relay
