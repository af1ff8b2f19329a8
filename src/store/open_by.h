#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/database_url.h"
#include "store/postgres_url.h"
#include "store/store_error.h"

namespace relay::store {

// What `of_file` makes of the file that a DATABASE_URL names, or `of_server` of the server. Both
// give a Result of what is convertible to Value. invalid_request: it names neither.
template <typename Value, typename OfFile, typename OfServer>
Result<Value> open_by(std::string_view url, OfFile of_file, OfServer of_server) {
  if (const std::optional<std::string> server = postgres_url(url)) return of_server(*server);
  if (const std::optional<std::string> file = sqlite_path(url)) {
    return of_file(std::filesystem::path{*file});
  }
  return failure(ErrorCode::invalid_request, "expected " + std::string{database_url_forms});
}

}  // namespace relay::store
