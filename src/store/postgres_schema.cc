#include "store/postgres_schema.h"

#include "store/migrations.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

constexpr std::int64_t migrating = 0x7265'6c61'79;  // The lock's number: "relay".

}  // namespace

Result<void> migrate_postgres(PostgresConnection& connection, WallTime now) {
  return migrate_postgres(connection, static_cast<int>(postgres_migrations().size()), now);
}

Result<void> migrate_postgres(PostgresConnection& connection, int version, WallTime now) {
  Result<void> done = connection.take_time();
  if (done) done = connection.run("SELECT pg_advisory_lock(?)", migrating);
  if (!done) return done;
  done = migrate(connection, postgres_migrations(), version, now);
  const Result<void> unlocked = connection.run("SELECT pg_advisory_unlock(?)", migrating);
  return done ? unlocked : done;
}

}  // namespace relay::store
