#include "http/authorization.h"

namespace relay::http {

std::string_view credentials_in(std::string_view value, std::string_view scheme) noexcept {
  if (value.size() <= scheme.size() || value[scheme.size()] != ' ') return {};
  if (!same_name(value.substr(0, scheme.size()), scheme)) return {};
  return value.substr(scheme.size() + 1);
}

std::string_view credentials_in(const Fields& fields, std::string_view scheme) noexcept {
  if (fields.count("authorization") != 1) return {};
  return credentials_in(*fields.find("authorization"), scheme);
}

}  // namespace relay::http
