#include "http/head.h"

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
  return 0x0101010101010101 * byte;
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

bool same_bytes(std::uint64_t a, std::uint64_t b) noexcept {
  return a == b || in_lower_case(a) == in_lower_case(b);
}

}  // namespace

std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
  for (const FieldView field : *this) {
    if (same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const noexcept {
  std::size_t found = 0;
  for (const FieldView field : *this) found += same_name(field.name, name) ? 1 : 0;
  return found;
}

void Fields::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(bytes_.size());
  const auto name_bytes = static_cast<std::uint32_t>(name.size());
  const auto value_bytes = static_cast<std::uint32_t>(value.size());
  bytes_.append(name).append(": ").append(value).append("\r\n");
  slots_.push_back({at, name_bytes, at + name_bytes + 2, value_bytes});
}

void Fields::clear() noexcept {
  bytes_.clear();
  slots_.clear();
}

void Fields::assign(std::string_view block, std::span<const Slot> slots) {
  bytes_.assign(block);
  slots_.assign(slots.begin(), slots.end());
}

// Eight bytes at a time, the last of them perhaps twice.
bool same_letters(std::string_view a, std::string_view b) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  const std::size_t size = a.size();
  if (size < step) return same_bytes(load_few(a), load_few(b));
  for (std::size_t at = 0; at + step < size; at += step) {
    if (!same_bytes(load<std::uint64_t>(a.data() + at), load<std::uint64_t>(b.data() + at)))
      return false;
  }
  return same_bytes(load<std::uint64_t>(a.data() + size - step),
                    load<std::uint64_t>(b.data() + size - step));
}

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    case Method::options: return "OPTIONS";
  }
  __builtin_unreachable();
}

}  // namespace relay::http
