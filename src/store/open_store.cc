#include "store/open_store.h"

#include <filesystem>

#include "store/postgres_store.h"
#include "store/postgres_url.h"
#include "store/sqlite_store.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:///";

// The file of the first opener, or the server of the second.
template <typename OpenFile, typename OpenServer>
Result<std::unique_ptr<core::Store>> open_by(std::string_view url, OpenFile open_file,
                                             OpenServer open_server) {
  if (const std::optional<std::string> server = postgres_url(url)) return open_server(*server);
  if (url.starts_with(sqlite_scheme)) {
    return open_file(std::filesystem::path{url.substr(sqlite_scheme.size())});
  }
  return failure(ErrorCode::invalid_request, "expected sqlite:///PATH or postgresql://...");
}

}  // namespace

Result<std::unique_ptr<core::Store>> open_store(std::string_view url, const Clock& clock) {
  return open_by(
      url, [&](const auto& path) { return SqliteStore::open(path, clock); },
      [&](const auto& server) { return PostgresStore::open(server, clock); });
}

Result<std::unique_ptr<core::Store>> open_store_to_read(std::string_view url, const Clock& clock) {
  return open_by(
      url, [&](const auto& path) { return SqliteStore::open_to_read(path, clock); },
      [&](const auto& server) { return PostgresStore::open_to_read(server, clock); });
}

std::unique_ptr<ChangeListener> listen_for_changes(std::string_view url,
                                                   ChangeListener::Changed changed) {
  std::optional<std::string> server = postgres_url(url);
  if (!server) return nullptr;
  return std::make_unique<ChangeListener>(*std::move(server), std::move(changed));
}

}  // namespace relay::store
