#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay::store {

// What a DATABASE_URL has to be, for whom it is refused.
inline constexpr std::string_view database_url_forms =
    "sqlite:///PATH, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE with a number as PORT and "
    "special characters percent-encoded (@ is %40, / is %2F, % is %25)";

// The PATH of sqlite:///PATH. None: it is not such a URL, or one that names no file.
std::optional<std::string> sqlite_path(std::string_view url);

// Whether it is one of sqlite_path() or of postgres_url().
bool is_database_url(std::string_view url);

}  // namespace relay::store
