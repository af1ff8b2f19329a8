#include "http/head.h"

namespace relay::http {
std::optional<std::string_view> Fields::find(FieldName name) const noexcept {
  if (name.is_known() && !known_.contains(name.id())) return std::nullopt;
  for (const FieldView field : *this) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(FieldName name) const noexcept {
  if (name.is_known() && !known_.contains(name.id())) return 0;
  std::size_t found = 0;
  for (const FieldView field : *this) found += field.name == name ? 1 : 0;
  return found;
}

void Fields::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(bytes_.size());
  const auto name_bytes = static_cast<std::uint32_t>(name.size());
  const auto value_bytes = static_cast<std::uint32_t>(value.size());
  bytes_.append(name).append(": ").append(value).append("\r\n");
  const FieldId id = field_id(name);
  slots_.push_back({at, name_bytes, at + name_bytes + 2, value_bytes, id});
  known_.add(id);
}

void Fields::clear() noexcept {
  bytes_.clear();
  slots_.clear();
  known_ = {};
}

void Fields::assign(std::string_view block, std::span<const Slot> slots) {
  bytes_.assign(block);
  slots_.assign(slots.begin(), slots.end());
  known_ = {};
  for (const Slot& slot : slots) known_.add(slot.id);
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
