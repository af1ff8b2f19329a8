#pragma once

#include <array>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "store/sql.h"

namespace relay::store {

// Our `?` as PostgreSQL's `$1`, `$2`, ... There is none in a quoted text of ours.
std::string numbered(std::string_view sql);

// Text that PostgreSQL takes: each byte that is not of UTF-8, or is NUL, becomes a question mark. A
// ledger entry whose model was cut within a character must not hold up all that follow it.
std::string storable(std::string_view text);

// The values of a statement as libpq takes them. Refers to the texts and bytes of the values.
class PostgresParameters {
 public:
  explicit PostgresParameters(std::span<const SqlValue> values);
  PostgresParameters(const PostgresParameters&) = delete;
  PostgresParameters& operator=(const PostgresParameters&) = delete;

  [[nodiscard]] int count() const noexcept { return static_cast<int>(pointers_.size()); }
  [[nodiscard]] const char* const* pointers() const noexcept { return pointers_.data(); }
  [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

 private:
  static constexpr int as_text = 0;
  static constexpr int as_bytes = 1;

  void add(std::monostate);
  void add(std::int64_t value);
  void add(std::string_view text);
  void add(SqlValue::Bytes bytes);
  void add(const char* pointer, std::size_t length, int format);

  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::array<char, 24>> numbers_;  // Do not move, like the next.
  std::deque<std::string> texts_;
};

}  // namespace relay::store
