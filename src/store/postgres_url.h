#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace relay::store {

// The URL of a PostgreSQL database as libpq takes it, of what people write: postgresql://,
// postgres://, and postgresql+asyncpg:// as Python programs do. None: it is not one, or one that
// libpq would not read as it was meant. It never gets to see that: what it says of it quotes pieces
// of the password, or that nobody answers.
std::optional<std::string> postgres_url(std::string_view text);

// `text` without the password of `url`, which is one of postgres_url(): as it stands there and as
// it is meant, unless it has fewer than limits::masked_secret_bytes_min bytes.
std::string without_password(std::string text, std::string_view url);

}  // namespace relay::store
