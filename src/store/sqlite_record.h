#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace relay::store {

// What a row of a table is in SQLite's files (sqlite.org/fileformat2.html, section 2.1): first of
// what type and size each column is, then the columns.
class SqliteRecord {
 public:
  // What fits into one, and how large it may be then.
  static constexpr std::size_t columns_max = 32;
  static constexpr std::size_t body_max = 512;
  static constexpr std::size_t bytes_max = 1 + 2 * columns_max + body_max;

  void clear() noexcept;

  // The next column. Of the one that is the row's id, nothing is kept in its record.
  void add_id() noexcept { add_type(0); }
  void add(std::int64_t number) noexcept;
  void add(std::string_view text) noexcept;
  void add(std::span<const std::uint8_t> bytes) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return head_size_ + body_size_; }
  // Takes size() bytes.
  void copy_to(std::uint8_t* place) const noexcept;

 private:
  // Less than 2^14, as body_max is.
  void add_type(std::uint64_t type) noexcept {
    assert(head_size_ + 2 <= head_max);
    std::uint8_t* const head = head_.data();
    if (type >= 0x80) head[head_size_++] = static_cast<std::uint8_t>(0x80 | type >> 7);
    head[head_size_++] = static_cast<std::uint8_t>(type & 0x7f);
  }
  void add_body(const void* bytes, std::size_t size) noexcept;

  static constexpr std::size_t head_max = 1 + 2 * columns_max;
  static constexpr std::size_t slack = sizeof(std::int64_t);  // A number is written whole.

  std::size_t head_size_ = 1;  // The first one says how many they are.
  std::size_t body_size_ = 0;
  std::array<std::uint8_t, head_max> head_;
  std::array<std::uint8_t, body_max + slack> body_;
};

// As SQLite writes numbers of up to 64 bits, which are mostly small: 7 bits in a byte. Returns
// where it ends; takes 9 bytes at most.
std::uint8_t* put_varint(std::uint8_t* place, std::uint64_t number) noexcept;

}  // namespace relay::store
