#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay::store {

// The URL of a PostgreSQL database as libpq takes it, of what people write: postgresql://,
// postgres://, and postgresql+asyncpg:// as Python programs do. None: it is not one.
std::optional<std::string> postgres_url(std::string_view text);

}  // namespace relay::store
