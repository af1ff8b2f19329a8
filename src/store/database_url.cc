#include "store/database_url.h"

#include "store/postgres_url.h"

namespace relay::store {

std::optional<std::string> sqlite_path(std::string_view url) {
  constexpr std::string_view scheme = "sqlite:///";
  const bool names_file = url.starts_with(scheme) && url.size() > scheme.size();
  if (!names_file || url.ends_with('/')) return std::nullopt;
  return std::string{url.substr(scheme.size())};
}

bool is_database_url(std::string_view url) {
  return sqlite_path(url) || postgres_url(url);
}

}  // namespace relay::store
