#include "http/head.h"

#include "http/characters.h"

namespace relay::http {

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
  bytes_.append(name).append(value);
  slots_.push_back({at, name_bytes, at + name_bytes, value_bytes});
}

void Fields::clear() noexcept {
  bytes_.clear();
  slots_.clear();
}

void Fields::assign(std::string_view block, std::span<const Slot> slots) {
  bytes_.assign(block);
  slots_.assign(slots.begin(), slots.end());
}

bool same_letters(std::string_view a, std::string_view b) noexcept {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
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
