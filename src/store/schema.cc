#include "store/schema.h"

#include <optional>

#include "store/file.h"
#include "store/open_by.h"
#include "store/postgres_schema.h"
#include "store/sqlite_writer.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

namespace fs = std::filesystem;

Result<std::vector<MigrationStatus>> status_of_file(const fs::path& path) {
  if (is_missing(path)) {
    return failure(ErrorCode::not_found, "there is no database at " + path.string() +
                                             ": `relay-station migrate up` makes it");
  }
  auto connection = SqliteConnection::open(path, SqlConnection::Access::read_only);
  if (!connection) return std::unexpected(connection.error());
  return migration_status(*connection, sqlite_migrations());
}

Result<std::vector<MigrationStatus>> status_of_server(const std::string& url) {
  const auto connection = PostgresConnection::open(url);
  if (!connection) return std::unexpected(connection.error());
  return migration_status(**connection, postgres_migrations());
}

// Down to a version, or up to the newest.
using Goal = std::optional<int>;

// From where to where.
Result<SchemaChange> planned(SqlConnection& connection, std::span<const Migration> migrations,
                             Goal goal) {
  const Result<int> found = schema_version(connection, migrations);
  if (!found) return std::unexpected(found.error());
  const Result<void> is_way = check_way_down(*found, goal.value_or(*found));
  if (!is_way) return std::unexpected(is_way.error());
  return SchemaChange{
      .from = *found, .to = goal.value_or(static_cast<int>(migrations.size())), .copy = {}};
}

Result<SchemaChange> change_file(const fs::path& path, Goal goal, WallTime now) {
  if (goal && is_missing(path)) {
    return failure(ErrorCode::not_found, "there is no database at " + path.string());
  }
  Result<SqliteWriter> writer = SqliteWriter::open(path);
  if (!writer) return std::unexpected(writer.error());
  Result<SchemaChange> change = planned(writer->connection(), sqlite_migrations(), goal);
  if (!change) return change;
  Result<fs::path> copy = writer->migrate(change->to, now);
  if (!copy) return std::unexpected(copy.error());
  change->copy = *std::move(copy);
  return change;
}

Result<SchemaChange> change_server(const std::string& url, Goal goal, WallTime now) {
  const auto connection = PostgresConnection::open(url);
  if (!connection) return std::unexpected(connection.error());
  if (goal) {
    const Result<void> unused = check_postgres_unused(**connection);
    if (!unused) return std::unexpected(unused.error());
  }
  Result<SchemaChange> change = planned(**connection, postgres_migrations(), goal);
  if (!change) return change;
  const Result<void> done = migrate_postgres(**connection, change->to, now);
  if (!done) return std::unexpected(done.error());
  return change;
}

Result<SchemaChange> change(std::string_view url, Goal goal, WallTime now) {
  return open_by<SchemaChange>(
      url, [&](const auto& path) { return change_file(path, goal, now); },
      [&](const auto& server) { return change_server(server, goal, now); });
}

}  // namespace

Result<void> check_way_down(int from, int to) {
  if (to >= 0 && to <= from) return {};
  return failure(ErrorCode::invalid_request, "the database has schema " + std::to_string(from) +
                                                 ", from which no way leads down to " +
                                                 std::to_string(to) + ": choose a step from 0 to " +
                                                 std::to_string(from));
}

Result<std::vector<MigrationStatus>> schema_status(std::string_view url) {
  return open_by<std::vector<MigrationStatus>>(url, status_of_file, status_of_server);
}

Result<SchemaChange> migrate_up(std::string_view url, WallTime now) {
  return change(url, std::nullopt, now);
}

Result<SchemaChange> migrate_down(std::string_view url, int version, WallTime now) {
  return change(url, version, now);
}

}  // namespace relay::store
