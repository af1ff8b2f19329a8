// Budget: 20,000 exchanges a second from the journal to SQLite, for as long as you like.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "store/ledger_writer.h"
#include "store/sqlite_store.h"

namespace relay::store {
namespace {

constexpr std::int64_t exchanges = 100'000;  // In each iteration.

core::LedgerEntry typical_entry(const Clock& clock) {
  core::LedgerEntry entry;
  entry.started = clock.wall();
  entry.usage = {.input = 1'000, .output = 200, .cache_read = 20'000};
  entry.model = std::string_view{"claude-sonnet-4-5"};
  entry.served_model = std::string_view{"claude-sonnet-4-5-20250929"};
  entry.upstream = std::string_view{"anthropic"};
  entry.upstream_request = std::string_view{"req_011CSHoEeqs5C35K2UUqR7Fy"};
  return entry;
}

// As a loop does, only that it waits where a loop would refuse.
core::LedgerSlot open(Journal& journal, const core::LedgerEntry& entry) {
  for (;;) {
    const Result<core::LedgerSlot> slot = journal.open(entry);
    if (slot) return *slot;
    std::this_thread::yield();
  }
}

void record(Journal& journal, core::LedgerEntry& entry) {
  constexpr std::int64_t each_ms = 50;  // As a busy relay begins them.
  for (std::int64_t i = 0; i < exchanges; ++i) {
    if (i % each_ms == 0) entry.started += std::chrono::milliseconds{1};
    entry.attempt = core::new_attempt_id(entry.started);
    entry.request = core::new_request_id(entry.started);
    entry.key = core::KeyId{i % 100};
    journal.close(open(journal, entry), entry);
  }
}

void sustained(benchmark::State& state) {
  const std::filesystem::path path = "ledger_writer_bench";
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
  const SystemClock clock;
  const auto store = SqliteStore::open(path / "relay.db", clock).value();
  const JournalDirectory directory = JournalDirectory::open(path / "journal").value();
  const auto journal = Journal::create({.directory = directory.path()}).value();
  LedgerWriter writer{*store, directory, {journal.get()}, clock};
  writer.start();
  core::LedgerEntry entry = typical_entry(clock);
  for (auto _ : state) {
    record(*journal, entry);
    while (journal->entries_waiting() > 0) std::this_thread::yield();
  }
  state.SetItemsProcessed(state.iterations() * exchanges);
  writer.stop(clock.now() + limits::ledger_stop_max);
  std::filesystem::remove_all(path);
}
BENCHMARK(sustained)->Iterations(3)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace relay::store
