#include "store/sqlite_copy.h"

#include <sys/stat.h>

#include <system_error>

#include "store/file.h"
#include "store/sqlite.h"

namespace relay::store {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(ErrorCode code, std::string message, std::string detail = {}) {
  return std::unexpected(Error{.code = code,
                               .origin = Origin::store,
                               .message = std::move(message),
                               .detail = std::move(detail)});
}

// Opening is not enough: SQLite reads nothing of a file before it must.
Result<void> check_copy(const fs::path& copy) {
  if (is_missing(copy)) return refused(ErrorCode::not_found, "There is no " + copy.string() + ".");
  std::error_code ignored;
  if (fs::is_directory(copy, ignored)) {
    return refused(ErrorCode::invalid_request,
                   copy.string() +
                       " is a directory: name the file that `relay-station backup` has "
                       "written.");
  }
  auto connection = SqliteConnection::open(copy, SqlConnection::Access::read_only);
  if (!connection) return std::unexpected(connection.error());
  std::string verdict;
  const Result<void> read =
      connection->each("PRAGMA integrity_check", [&](const SqlRow& row) { verdict = row.text(0); });
  std::int64_t keys = -1;
  const Result<void> counted = connection->each("SELECT count(*) FROM api_keys",
                                                [&](const SqlRow& row) { keys = row.integer(0); });
  if (read && verdict == "ok" && counted) return {};
  return refused(ErrorCode::invalid_request,
                 copy.string() + " is no backup of a relay, or it is damaged.",
                 read ? verdict : read.error().detail);
}

std::string seconds_of(WallTime time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

// Under another name, with what belongs to it.
Result<void> put_aside(const fs::path& database, const fs::path& aside) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code failed;
    fs::path from = database;
    fs::path to = aside;
    fs::rename(from += suffix, to += suffix, failed);
    if (failed && failed != std::errc::no_such_file_or_directory) {
      return refused(ErrorCode::store_unavailable, "Cannot put " + database.string() + " aside.",
                     failed.message());
    }
  }
  return {};
}

Result<void> put_in_place(const fs::path& fresh, const fs::path& database) {
  std::error_code failed;
  fs::rename(fresh, database, failed);
  if (!failed) return sync_directory(fs::absolute(database, failed).parent_path());
  return refused(ErrorCode::store_unavailable,
                 "Cannot rename " + fresh.string() + " to " + database.string() + ".",
                 failed.message());
}

}  // namespace

Result<void> back_up_database(const fs::path& from, const fs::path& to) {
  if (to.filename().empty()) {
    return refused(ErrorCode::invalid_request, "A copy needs the name of a file.");
  }
  if (!is_missing(to)) {
    return refused(ErrorCode::conflict, to.string() + " exists. Choose another name.");
  }
  if (is_missing(from)) {
    return refused(ErrorCode::not_found, "There is no database at " + from.string() + ".");
  }
  auto connection = SqliteConnection::open(from, SqlConnection::Access::read_only);
  if (!connection) return std::unexpected(connection.error());
  const mode_t others = ::umask(0077);  // The copy holds the hashes of keys.
  const Result<void> copied = connection->run("VACUUM INTO ?", to.string());
  ::umask(others);
  std::error_code ignored;
  if (copied) return sync_directory(fs::absolute(to, ignored).parent_path());
  fs::remove(to, ignored);
  return refused(ErrorCode::store_unavailable, "Cannot write " + to.string() + ".",
                 copied.error().detail);
}

Result<fs::path> restore_database(const fs::path& copy, const fs::path& to, WallTime now) {
  const Result<void> good = check_copy(copy);
  if (!good) return std::unexpected(good.error());
  fs::path lock_path = to;
  const Result<File> lock = lock_file(lock_path += ".lock", "the database " + to.string());
  if (!lock) return std::unexpected(lock.error());

  // Whole before anything moves: a relay that finds no database begins an empty one.
  fs::path fresh = to;
  fresh += ".restored-" + seconds_of(now);
  const Result<void> written = back_up_database(copy, fresh);
  if (!written) return std::unexpected(written.error());
  fs::path aside;
  if (!is_missing(to)) {
    aside = to;
    aside += ".before-" + seconds_of(now);
    const Result<void> moved = put_aside(to, aside);
    if (!moved) return std::unexpected(moved.error());
  }
  const Result<void> placed = put_in_place(fresh, to);
  if (!placed) return std::unexpected(placed.error());
  return aside;
}

}  // namespace relay::store
