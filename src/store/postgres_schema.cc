#include "store/postgres_schema.h"

#include "store/migrations.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

constexpr std::int64_t migrating = 0x7265'6c61'79;  // The lock's number: "relay".
constexpr int in_use = 0x7265'6c61;  // Of the locks whose other half is the schema: "rela".

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

Result<void> mark_postgres_in_use(PostgresConnection& connection) {
  return connection.run("SELECT pg_advisory_lock_shared(?::INTEGER, hashtext(current_schema()))",
                        in_use);
}

Result<void> check_postgres_unused(PostgresConnection& connection) {
  bool is_ours = false;
  const Result<void> asked = connection.each(
      "SELECT pg_try_advisory_lock(?::INTEGER, hashtext(current_schema()))",
      [&is_ours](const SqlRow& row) { is_ours = row.integer(0) != 0; }, in_use);
  if (!asked || is_ours) return asked;
  return failure(ErrorCode::conflict, "a relay uses the database: stop every one of them first");
}

}  // namespace relay::store
