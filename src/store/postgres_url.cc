#include "store/postgres_url.h"

namespace relay::store {

std::optional<std::string> postgres_url(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return {};
  std::string_view scheme = text.substr(0, end);
  scheme = scheme.substr(0, scheme.find('+'));  // Which driver is not our concern.
  if (scheme != "postgresql" && scheme != "postgres") return {};
  return "postgresql" + std::string{text.substr(end)};
}

}  // namespace relay::store
