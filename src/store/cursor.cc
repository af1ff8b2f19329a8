#include "store/cursor.h"

#include <charconv>
#include <optional>

namespace relay::store {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::unexpected<Error> refused() {
  return std::unexpected(Error{.code = ErrorCode::invalid_request,
                               .origin = Origin::client,
                               .message = "This is not a cursor of this list: leave it out to "
                                          "begin with the first page."});
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || rest != end) return {};
  return value;
}

std::optional<std::string> bytes_of(std::string_view hexadecimal) {
  if (hexadecimal.size() % 2 != 0) return {};
  std::string bytes;
  for (std::size_t i = 0; i < hexadecimal.size(); i += 2) {
    const std::size_t high = digits.find(hexadecimal[i]);
    const std::size_t low = digits.find(hexadecimal[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace

std::string to_string(const Cursor& cursor) {
  std::string text = cursor.list + '.' + std::to_string(cursor.id) + '.';
  for (const char c : cursor.value) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

Result<Cursor> parse_cursor(std::string_view text, std::string_view list) {
  if (!text.starts_with(list) || text.substr(list.size(), 1) != ".") return refused();
  const std::string_view rest = text.substr(list.size() + 1);
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) return refused();
  const std::optional<std::int64_t> id = number(rest.substr(0, dot));
  std::optional<std::string> value = bytes_of(rest.substr(dot + 1));
  if (!id || !value) return refused();
  return Cursor{.list = std::string{list}, .value = *std::move(value), .id = *id};
}

Result<NumberCursor> parse_number_cursor(std::string_view text, std::string_view list) {
  const Result<Cursor> cursor = parse_cursor(text, list);
  if (!cursor) return std::unexpected(cursor.error());
  const std::optional<std::int64_t> value = number(cursor->value);
  if (!value) return refused();
  return NumberCursor{.value = *value, .id = cursor->id};
}

}  // namespace relay::store
