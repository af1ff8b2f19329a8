#pragma once

#include <filesystem>

#include "base/clock.h"
#include "store/file.h"
#include "store/sqlite.h"

namespace relay::store {

// The one connection that writes to an SQLite database, and the lock that makes it the one.
class SqliteWriter {
 public:
  SqliteWriter() noexcept = default;  // None; only to be assigned to.

  // Creates the file if there is none; migrates nothing. conflict: used by another process.
  static Result<SqliteWriter> open(const std::filesystem::path& path);

  SqliteConnection& connection() noexcept { return connection_; }

  // Brings the schema to `version`. What is there is copied first, to a file beside it whose name
  // says of which version it is: relay.db.schema-1-1795428000, where the last number is the time.
  // Returns that file; empty if nothing was there or nothing was to be done. conflict: see
  // migrate().
  Result<std::filesystem::path> migrate(int version, WallTime now);

  // Up to the newest.
  Result<std::filesystem::path> migrate(WallTime now);

 private:
  SqliteWriter(std::filesystem::path path, File lock)
      : path_{std::move(path)}, lock_{std::move(lock)} {}

  std::filesystem::path path_;
  File lock_;  // Goes after the connection.
  SqliteConnection connection_;
};

}  // namespace relay::store
