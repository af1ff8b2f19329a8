#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/memory_store.h"
#include "store/postgres_fixture.h"
#include "store/postgres_store.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {

using OpenStore = std::unique_ptr<core::Store> (*)(const std::filesystem::path&, const Clock&);

// What every Store promises is tested for each that is listed below. A new adapter adds one line.
struct StoreContract : testing::TestWithParam<OpenStore> {
  TemporaryDirectory directory;
  ManualClock clock;
  std::unique_ptr<core::Store> store = GetParam()(directory.path() / "relay.db", clock);

  core::KeyId create(const std::string& name) { return create_one(*store, named(name)).id; }
  Result<void> append(std::vector<core::LedgerEntry> entries,
                      std::vector<core::JournalPosition> positions = {}) {
    return store->append(entries, positions);
  }
  std::vector<core::ApiKey> keys() { return store->all_keys().value(); }
  core::ApiKey find(const std::string& name) { return store->find_key("uuid of " + name).value(); }
  core::UsageTotals totals(core::KeyId key) { return store->usage_totals(key).value(); }
  static ErrorCode failed(const auto& result) { return result.error().code; }
};

inline std::unique_ptr<core::Store> open_memory_store(const std::filesystem::path&,
                                                      const Clock& clock) {
  return std::make_unique<MemoryStore>(clock);
}
inline std::unique_ptr<core::Store> open_sqlite_store(const std::filesystem::path& path,
                                                      const Clock& clock) {
  return SqliteStore::open(path, clock).value();
}

inline std::unique_ptr<core::Store> open_postgres_store(const std::filesystem::path&,
                                                        const Clock& clock) {
  return PostgresStore::open(postgres_server().url_of_new_schema(), clock).value();
}

// Past the store that was opened last, with which tests do what nobody else may.
inline std::unique_ptr<SqlConnection> open_by_hand(OpenStore store,
                                                   const std::filesystem::path& path) {
  if (store == open_postgres_store) {
    return PostgresConnection::open(postgres_server().url_of_last_schema()).value();
  }
  return std::make_unique<SqliteConnection>(
      SqliteConnection::open(path, SqlConnection::Access::read_write).value());
}

inline auto every_sql_store() {
  return testing::Values(open_sqlite_store, open_postgres_store);
}
inline auto every_store() {
  return testing::Values(open_memory_store, open_sqlite_store, open_postgres_store);
}

inline std::string name_of_store(const testing::TestParamInfo<OpenStore>& info) {
  if (info.param == open_memory_store) return "Memory";
  return info.param == open_sqlite_store ? "Sqlite" : "Postgres";
}

}  // namespace relay::store
