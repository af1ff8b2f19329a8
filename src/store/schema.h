#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/migrations.h"

namespace relay::store {

// The schema of the store that a DATABASE_URL names, for who looks after it. invalid_request: it
// names none. store_unavailable.

// What it has taken and what is still to be taken. Changes nothing; relays may run.
Result<std::vector<MigrationStatus>> schema_status(std::string_view url);

struct SchemaChange {
  int from = 0;
  int to = 0;
  std::filesystem::path copy;  // Of what was there before. Empty: none was made.
};

// Takes every step that there is. conflict: a relay uses the SQLite database, or see migrate().
Result<SchemaChange> migrate_up(std::string_view url, WallTime now);

// invalid_request: the second is no step at or below the first.
Result<void> check_way_down(int from, int to);

// Undoes every step after `version`, and with each what only it could hold. An SQLite database is
// copied first, of a PostgreSQL nothing is. invalid_request: it is not that far up. conflict: a
// relay uses it, or see migrate().
Result<SchemaChange> migrate_down(std::string_view url, int version, WallTime now);

}  // namespace relay::store
