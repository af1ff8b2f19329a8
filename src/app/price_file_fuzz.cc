// Invariants under test: whatever a file holds, each of its rows is read or refused with a problem
// that says where; a row that was read can be charged by, and is the same again from its members.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/price_file.h"
#include "core/price_table.h"
#include "core/price_text.h"

namespace relay::app {
namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_row(const core::PriceRow& row) {
  check(core::fault_in(row).empty());
  check(core::price_version(row) != 0);
  core::PriceRow again;
  again.origin = row.origin;
  for (const core::PriceMember& member : core::price_members(row)) {
    check(core::set_price_member(again, member.path, member.text).has_value());
  }
  check(again == row);
  const core::Usage usage{.input = 1'000'000'000,
                          .output = 1'000'000'000,
                          .cache_write_5m = 1'000'000'000,
                          .cache_write_1h = 1'000'000'000,
                          .cache_read = 1'000'000'000,
                          .web_searches = 1'000'000'000};
  const core::ServiceTerms terms{core::ServiceTier::batch, core::InferenceGeo::us, true};
  check(core::cost_of(usage, terms, row) >= 0);
  check(core::cost_of({}, terms, row) == 0);
}

}  // namespace
}  // namespace relay::app

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  app::PriceRows all;
  app::Problems problems;
  app::read_price_file("f", std::string{reinterpret_cast<const char*>(data), size},
                       core::PriceOrigin::file, all, problems);
  for (const app::Problem& problem : problems) {
    app::check(problem.place.starts_with("f") && !problem.message.empty());
  }
  app::check(all.rows.size() == all.places.size());
  for (const core::PriceRow& row : all.rows) app::check_row(row);
  const auto table = core::PriceTable::make(all.rows);
  app::check(table || table.error().row < all.rows.size());
  return 0;
}
