#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

enum class MigrationState : std::uint8_t {
  applied,
  pending,
  edited,  // Applied, but its text was another one.
  unknown  // Applied by a newer relay-station.
};

struct MigrationStatus {
  int version = 0;
  std::string name;
  MigrationState state = MigrationState::pending;
  std::optional<WallTime> applied_at;
};

// Every step that we know or the database has taken, in order. Changes nothing.
Result<std::vector<MigrationStatus>> migration_status(SqlConnection& connection,
                                                      std::span<const Migration> migrations);

// The last step that the database has taken. Changes nothing. conflict: it was made by a newer
// relay-station, or a migration was edited after it was applied; the detail says what to do.
Result<int> schema_version(SqlConnection& connection, std::span<const Migration> migrations);

// Whether the database has taken every step. conflict: it has not, or as above.
Result<void> check_schema(SqlConnection& connection, std::span<const Migration> migrations);

// Brings the schema to `version`, up or down, each step in a transaction of its own. conflict as
// above. Nobody else may migrate at the same time.
Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations, int version,
                     WallTime now);

// Up to the newest.
Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations,
                     WallTime now);

}  // namespace relay::store
