#include "base/crc.h"

#include <array>
#include <bit>
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

// The n-th is for a byte with n more behind it, so that four are looked up at once.
using Tables = std::array<Table, 4>;

constexpr Tables tables_of(std::uint32_t reflected_polynomial) {
  Tables tables{table_of(reflected_polynomial)};
  for (std::size_t n = 1; n < tables.size(); ++n) {
    for (std::size_t byte = 0; byte < tables[n].size(); ++byte) {
      const std::uint32_t crc = tables[n - 1][byte];
      tables[n][byte] = (crc >> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

std::uint32_t by_tables(const Tables& tables, std::span<const std::byte> bytes,
                        std::uint32_t seed) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint32_t crc = ~seed;
  for (; bytes.size() >= sizeof crc; bytes = bytes.subspan(sizeof crc)) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    crc ^= word;
    crc = tables[3][crc & 0xff] ^ tables[2][crc >> 8 & 0xff] ^ tables[1][crc >> 16 & 0xff] ^
          tables[0][crc >> 24];
  }
  for (const std::byte byte : bytes) {
    crc = (crc >> 8) ^ tables[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
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
  static constexpr Tables tables = tables_of(0xEDB88320);
  return by_tables(tables, bytes, 0);
}

std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
  static constexpr Tables tables = tables_of(0x82F63B78);
  return by_tables(tables, bytes, seed);
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  if (has_sse42) return crc32c_sse42(bytes, seed);
#endif
  return crc32c_portable(bytes, seed);
}

}  // namespace relay
