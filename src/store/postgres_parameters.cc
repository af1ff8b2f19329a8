#include "store/postgres_parameters.h"

#include <algorithm>
#include <charconv>

#include "base/utf8.h"

namespace relay::store {

std::string numbered(std::string_view sql) {
  std::string text;
  bool is_quoted = false;
  int number = 0;
  for (const char c : sql) {
    if (c == '\'') is_quoted = !is_quoted;
    if (c == '?' && !is_quoted) {
      text += '$';
      text += std::to_string(++number);
    } else {
      text += c;
    }
  }
  return text;
}

std::string storable(std::string_view text) {
  const auto is_plain = [](char c) { return c > '\0' && static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(text, is_plain)) return std::string{text};
  std::string made;
  made.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bytes = text.front() == '\0' ? 0 : first_code_point(text).bytes;
    made += bytes == 0 ? "?" : text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return made;
}

PostgresParameters::PostgresParameters(std::span<const SqlValue> values) {
  pointers_.reserve(values.size());
  lengths_.reserve(values.size());
  formats_.reserve(values.size());
  for (const SqlValue& value : values) {
    std::visit([this](const auto& any) { add(any); }, value.get());
  }
}

void PostgresParameters::add(std::monostate) {
  add(nullptr, 0, as_text);
}

void PostgresParameters::add(std::int64_t value) {
  std::array<char, 24>& digits = numbers_.emplace_back();
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size() - 1, value);
  *written.ptr = '\0';
  add(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()), as_text);
}

void PostgresParameters::add(std::string_view text) {
  const std::string& kept = texts_.emplace_back(storable(text));
  add(kept.c_str(), kept.size(), as_text);
}

void PostgresParameters::add(SqlValue::Bytes bytes) {
  const char* const none = "";  // A null pointer would be NULL.
  add(bytes.empty() ? none : reinterpret_cast<const char*>(bytes.data()), bytes.size(), as_bytes);
}

void PostgresParameters::add(const char* pointer, std::size_t length, int format) {
  pointers_.push_back(pointer);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(format);
}

}  // namespace relay::store
