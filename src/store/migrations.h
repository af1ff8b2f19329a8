#pragma once

#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/sql.h"

namespace relay::store {

// One step of the schema, from a pair of files in migrations/<dialect>/: NNNN_name.up.sql and
// NNNN_name.down.sql. They are part of the binary. A released one is never edited: databases
// remember its checksum.
struct Migration {
  int version;  // 1, 2, 3, ...
  std::string_view name;
  std::string_view up;
  std::string_view down;
};

// All of them, in order. Generated from the files by the build.
std::span<const Migration> sqlite_migrations() noexcept;
std::span<const Migration> postgres_migrations() noexcept;

// Which steps the database has taken. conflict: it was made by a newer relay-station, or a
// migration was edited after it was applied; the detail says what to do.
Result<int> schema_version(SqlConnection& connection, std::span<const Migration> migrations);

// Brings the schema to `version`, up or down, each step in a transaction of its own. conflict as
// above. Nobody else may migrate at the same time.
Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations, int version,
                     WallTime now);

// Up to the newest.
Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations,
                     WallTime now);

}  // namespace relay::store
