#include "app/price_directory.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "admin/price_json.h"

namespace relay::app {
namespace {

Result<std::vector<core::PriceRow>> stored_rows(core::Store& store) {
  const Result<std::optional<std::string>> text = store.find_setting(admin::prices_setting);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::vector<core::PriceRow>{};
  return admin::parse_stored_prices(**text);
}

Error unusable(const std::string& detail) {
  return {.code = ErrorCode::conflict,
          .origin = Origin::store,
          .message = "The prices in the store cannot be used.",
          .detail = detail};
}

}  // namespace

Result<void> PriceDirectory::refresh() {
  const auto one_at_a_time = refreshing_.lock();
  Result<std::vector<core::PriceRow>> stored = stored_rows(store_);
  if (!stored && stored.error().code == ErrorCode::invalid_request) {
    return std::unexpected(unusable(stored.error().message));
  }
  if (!stored) return std::unexpected(stored.error());
  std::vector<core::PriceRow> rows = configured_.rows;
  std::ranges::move(*stored, std::back_inserter(rows));
  auto table = core::PriceTable::make(std::move(rows), configured_.unpriced);
  if (!table) return std::unexpected(unusable(table.error().message));
  book_.replace(*std::move(table));
  return {};
}

}  // namespace relay::app
