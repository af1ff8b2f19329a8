#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address_range.h"
#include "store/sql.h"

namespace relay::store {

// A list of texts as one: a JSON array, or nothing if it is empty.
std::string list_text(const std::vector<std::string>& list);
std::vector<std::string> list_of(std::string_view text);

std::string list_text(const std::vector<AddressRange>& list);

// Reads the columns of a row one after the other:
//
//   SqlColumns{row}.read(key.id, key.uuid, key.name);
//
// What a column holds must be what the value can be.
class SqlColumns {
 public:
  explicit SqlColumns(const SqlRow& row, int first = 0) noexcept : row_{row}, at_{first} {}

  template <typename... Values>
  SqlColumns& read(Values&... values) {
    (next(values), ...);
    return *this;
  }

 private:
  template <std::integral Integer>
  void next(Integer& value) noexcept {
    value = static_cast<Integer>(row_.integer(at_++));
  }
  template <typename Enumerator>
  requires std::is_enum_v<Enumerator>
  void next(Enumerator& value) noexcept { value = static_cast<Enumerator>(row_.integer(at_++)); }
  void next(WallTime& time) noexcept {
    time = WallTime{std::chrono::milliseconds{row_.integer(at_++)}};
  }
  void next(std::string& text) { text = row_.text(at_++); }
  template <std::size_t N>
  void next(ShortText<N>& text) noexcept {
    text = row_.text(at_++);
  }
  template <std::size_t N>
  void next(std::array<std::uint8_t, N>& bytes) noexcept {
    row_.copy_blob(at_++, bytes);
  }
  template <typename Value>
  void next(std::optional<Value>& value) {
    if (row_.is_null(at_)) {
      value.reset();
      ++at_;
    } else {
      next(value.emplace());
    }
  }
  void next(std::vector<std::string>& list) { list = list_of(row_.text(at_++)); }
  void next(std::vector<AddressRange>& list);

  const SqlRow& row_;
  int at_;
};

}  // namespace relay::store
