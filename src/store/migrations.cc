#include "store/migrations.h"

#include <map>

#include "base/crc.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

using Applied = std::map<int, std::int64_t>;  // Version to checksum.

std::int64_t checksum(const Migration& migration) noexcept {
  return crc32c(std::as_bytes(std::span{migration.up}));
}

// The table is made only if it is missing: who may not make tables may still ask.
Result<Applied> applied(SqlConnection& connection) {
  Applied found;
  const auto read = [&] {
    return connection.each("SELECT version, checksum FROM schema_migrations",
                           [&found](const SqlRow& row) {
                             found.emplace(static_cast<int>(row.integer(0)), row.integer(1));
                           });
  };
  if (read()) return found;
  const Result<void> created = connection.run(
      "CREATE TABLE IF NOT EXISTS schema_migrations ("
      "version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BIGINT NOT NULL, "
      "applied_at BIGINT NOT NULL)");
  if (!created) return std::unexpected(created.error());
  const Result<void> empty = read();
  if (!empty) return std::unexpected(empty.error());
  return found;
}

Result<void> check(const Applied& found, std::span<const Migration> migrations) {
  for (const auto& [version, stored] : found) {
    if (version < 1 || static_cast<std::size_t>(version) > migrations.size()) {
      return failure(ErrorCode::conflict,
                     "the database has schema " + std::to_string(version) +
                         ", this relay-station knows up to " + std::to_string(migrations.size()) +
                         ": run the newer version that made it, or restore a backup");
    }
    const Migration& known = migrations[static_cast<std::size_t>(version) - 1];
    if (checksum(known) != stored) {
      return failure(ErrorCode::conflict,
                     "migration " + std::to_string(version) + " (" + std::string{known.name} +
                         ") is not the one that made this database: run an unmodified release");
    }
  }
  return {};
}

Result<void> step(SqlConnection& connection, const Migration& migration, bool is_up, WallTime now) {
  Result<SqlTransaction> transaction =
      SqlTransaction::begin(connection, SqlConnection::Access::read_write);
  if (!transaction) return std::unexpected(transaction.error());
  Result<void> done = connection.execute(std::string{is_up ? migration.up : migration.down});
  if (!done) return done;
  if (is_up) {
    done = connection.run("INSERT INTO schema_migrations VALUES (?, ?, ?, ?)", migration.version,
                          migration.name, checksum(migration), now);
  } else {
    done = connection.run("DELETE FROM schema_migrations WHERE version = ?", migration.version);
  }
  if (!done) return done;
  return transaction->commit();
}

}  // namespace

Result<int> schema_version(SqlConnection& connection, std::span<const Migration> migrations) {
  const Result<Applied> found = applied(connection);
  if (!found) return std::unexpected(found.error());
  const Result<void> known = check(*found, migrations);
  if (!known) return std::unexpected(known.error());
  return found->empty() ? 0 : found->rbegin()->first;
}

Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations, int version,
                     WallTime now) {
  const Result<int> found = schema_version(connection, migrations);
  if (!found) return std::unexpected(found.error());
  Result<void> done;
  int current = *found;
  while (done && current != version) {
    const bool is_up = current < version;
    const int next = is_up ? current + 1 : current;
    done = step(connection, migrations[static_cast<std::size_t>(next) - 1], is_up, now);
    current += is_up ? 1 : -1;
  }
  return done;
}

Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations,
                     WallTime now) {
  return migrate(connection, migrations, static_cast<int>(migrations.size()), now);
}

}  // namespace relay::store
