// Budget: 50'000 entries a second in batches of 500, on a disk that syncs in 2 ms.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "base/random.h"
#include "store/sqlite_store.h"

namespace relay::store {
namespace {

void append(benchmark::State& state) {
  const std::filesystem::path directory = "sqlite_store_bench";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  const SystemClock clock;
  const auto store = SqliteStore::open(directory / "relay.db", clock).value();

  std::vector<core::LedgerEntry> entries(static_cast<std::size_t>(state.range(0)));
  constexpr std::int64_t each_ms = 50;  // As a busy relay begins them.
  const WallTime began = clock.wall();
  std::int64_t sequence = 0;
  for (auto _ : state) {
    for (core::LedgerEntry& entry : entries) {
      entry.started = began + std::chrono::milliseconds{++sequence / each_ms};
      entry.attempt = core::new_attempt_id(entry.started);
      entry.request = core::new_request_id(entry.started);
      entry.key = core::KeyId{static_cast<std::int64_t>(sequence % 100)};
      entry.usage = {.input = 1'000, .output = 200, .cache_read = 20'000};
      entry.model = std::string_view{"claude-sonnet-4-5"};
      entry.served_model = std::string_view{"claude-sonnet-4-5-20250929"};
      entry.upstream = std::string_view{"anthropic"};
      entry.upstream_request = std::string_view{"req_011CSHoEeqs5C35K2UUqR7Fy"};
    }
    const core::JournalPosition position{.journal = 1,
                                         .sequence = static_cast<std::uint64_t>(sequence)};
    if (!store->append(entries, {&position, 1})) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  std::filesystem::remove_all(directory);
}
BENCHMARK(append)->Arg(1)->Arg(50)->Arg(500)->Arg(2000)->UseRealTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
}  // namespace relay::store
