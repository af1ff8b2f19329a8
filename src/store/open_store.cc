#include "store/open_store.h"

#include "store/open_by.h"
#include "store/postgres_store.h"
#include "store/sqlite_store.h"

namespace relay::store {

using StorePointer = std::unique_ptr<core::Store>;

Result<StorePointer> open_store(std::string_view url, const Clock& clock) {
  return open_by<StorePointer>(
      url, [&](const auto& path) { return SqliteStore::open(path, clock); },
      [&](const auto& server) { return PostgresStore::open(server, clock); });
}

Result<StorePointer> open_store_to_read(std::string_view url, const Clock& clock) {
  return open_by<StorePointer>(
      url, [&](const auto& path) { return SqliteStore::open_to_read(path, clock); },
      [&](const auto& server) { return PostgresStore::open_to_read(server, clock); });
}

bool is_away(std::string_view url) {
  const std::optional<std::string> server = postgres_url(url);
  return server && PostgresConnection::is_away(*server);
}

std::unique_ptr<ChangeListener> listen_for_changes(std::string_view url,
                                                   ChangeListener::Changed changed) {
  std::optional<std::string> server = postgres_url(url);
  if (!server) return nullptr;
  return std::make_unique<ChangeListener>(*std::move(server), std::move(changed));
}

}  // namespace relay::store
