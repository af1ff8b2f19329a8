#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "fill_store/filling.h"
#include "fill_store/options.h"
#include "store/sqlite_store.h"

namespace {

int fail(const relay::Error& error) {
  fmt::print(stderr, "fill_store: {} {}\n", error.message, error.detail);
  return EXIT_FAILURE;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace relay;
  const bench::FillOptions options = bench::parse_fill_options(count, arguments);
  const SystemClock clock;
  const auto store = store::SqliteStore::open(options.database, clock);
  if (!store) return fail(store.error());

  const core::Pepper pepper{Secret{std::string{options.secret_key}}};
  bench::Filling filling{**store, pepper, clock};
  std::ofstream texts{options.key_file};
  const Result<void> keys = filling.add_keys(options.keys, texts);
  if (!keys) return fail(keys.error());
  const Result<void> rows = filling.add_rows(options.rows);
  if (!rows) return fail(rows.error());
  return EXIT_SUCCESS;
}
