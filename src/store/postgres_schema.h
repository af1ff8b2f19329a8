#pragma once

#include "base/clock.h"
#include "store/postgres.h"

namespace relay::store {

// Brings the schema of the database to `version`, or to the newest. Of several programs that try at
// the same time one does, and the others wait. Takes as long as it takes. conflict: see migrate().
Result<void> migrate_postgres(PostgresConnection& connection, WallTime now);
Result<void> migrate_postgres(PostgresConnection& connection, int version, WallTime now);

// Says that a relay runs on this schema, for as long as the connection lasts.
Result<void> mark_postgres_in_use(PostgresConnection& connection);

// Keeps relays from saying so, for as long as the connection lasts. conflict: one has.
Result<void> check_postgres_unused(PostgresConnection& connection);

}  // namespace relay::store
