#include "store/migrations.h"

#include <map>

#include "base/crc.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

struct AppliedStep {
  std::string name;
  std::int64_t checksum = 0;
  WallTime at{};
};
using Applied = std::map<int, AppliedStep>;  // By version.

std::int64_t checksum(const Migration& migration) noexcept {
  return crc32c(std::as_bytes(std::span{migration.up}));
}

// Asked of the catalogue: who may not make tables may still ask.
Result<bool> has_table(SqlConnection& connection) {
  bool is_there = false;
  const SqlText query =
      connection.is_remote()
          ? SqlText{"SELECT 1 FROM pg_class WHERE oid = to_regclass('schema_migrations')"}
          : SqlText{"SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'"};
  const Result<void> asked = connection.each(query, [&](const SqlRow&) { is_there = true; });
  if (!asked) return std::unexpected(asked.error());
  return is_there;
}

Result<void> make_table(SqlConnection& connection) {
  const Result<bool> is_there = has_table(connection);
  if (!is_there) return std::unexpected(is_there.error());
  if (*is_there) return {};
  return connection.run(
      "CREATE TABLE schema_migrations ("
      "version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BIGINT NOT NULL, "
      "applied_at BIGINT NOT NULL)");
}

Result<Applied> applied(SqlConnection& connection) {
  const Result<bool> is_there = has_table(connection);
  if (!is_there) return std::unexpected(is_there.error());
  Applied found;
  if (!*is_there) return found;
  const Result<void> read = connection.each(
      "SELECT version, name, checksum, applied_at FROM schema_migrations",
      [&found](const SqlRow& row) {
        found.emplace(static_cast<int>(row.integer(0)),
                      AppliedStep{.name = std::string{row.text(1)},
                                  .checksum = row.integer(2),
                                  .at = WallTime{std::chrono::milliseconds{row.integer(3)}}});
      });
  if (!read) return std::unexpected(read.error());
  return found;
}

bool is_known(int version, std::span<const Migration> migrations) noexcept {
  return version >= 1 && static_cast<std::size_t>(version) <= migrations.size();
}

MigrationState state_of(int version, const AppliedStep& step,
                        std::span<const Migration> migrations) noexcept {
  if (!is_known(version, migrations)) return MigrationState::unknown;
  const Migration& known = migrations[static_cast<std::size_t>(version) - 1];
  return checksum(known) == step.checksum ? MigrationState::applied : MigrationState::edited;
}

Result<void> check(const Applied& found, std::span<const Migration> migrations) {
  const std::string newest = std::to_string(migrations.size());
  for (const auto& [version, step] : found) {
    const std::string number = std::to_string(version);
    switch (state_of(version, step, migrations)) {
      case MigrationState::unknown:
        return failure(ErrorCode::conflict,
                       "the database has schema " + number + ", this relay-station knows up to " +
                           newest + ": run the newer version that made it, or let that one do " +
                           "`relay-station migrate down " + newest + "`, or restore a backup");
      case MigrationState::edited:
        return failure(ErrorCode::conflict,
                       "migration " + number + " (" + step.name +
                           ") is not the one that made this database: run an unmodified release; " +
                           "`relay-station migrate status` shows them all");
      case MigrationState::applied:
      case MigrationState::pending: break;
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

Result<std::vector<MigrationStatus>> migration_status(SqlConnection& connection,
                                                      std::span<const Migration> migrations) {
  const Result<Applied> found = applied(connection);
  if (!found) return std::unexpected(found.error());
  std::map<int, MigrationStatus> all;
  for (const Migration& known : migrations) {
    all[known.version] = {.version = known.version,
                          .name = std::string{known.name},
                          .state = MigrationState::pending,
                          .applied_at = {}};
  }
  for (const auto& [version, step] : *found) {
    all[version] = {.version = version,
                    .name = step.name,
                    .state = state_of(version, step, migrations),
                    .applied_at = step.at};
  }
  std::vector<MigrationStatus> list;
  for (auto& [version, status] : all) list.push_back(std::move(status));
  return list;
}

Result<int> schema_version(SqlConnection& connection, std::span<const Migration> migrations) {
  const Result<Applied> found = applied(connection);
  if (!found) return std::unexpected(found.error());
  const Result<void> known = check(*found, migrations);
  if (!known) return std::unexpected(known.error());
  return found->empty() ? 0 : found->rbegin()->first;
}

Result<void> check_schema(SqlConnection& connection, std::span<const Migration> migrations) {
  const Result<int> found = schema_version(connection, migrations);
  if (!found) return std::unexpected(found.error());
  if (static_cast<std::size_t>(*found) == migrations.size()) return {};
  return failure(ErrorCode::conflict, "the database has schema " + std::to_string(*found) +
                                          ", this relay-station needs " +
                                          std::to_string(migrations.size()) +
                                          ": `relay-station migrate up` brings it there");
}

Result<void> migrate(SqlConnection& connection, std::span<const Migration> migrations, int version,
                     WallTime now) {
  const Result<void> made = make_table(connection);
  if (!made) return made;
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
