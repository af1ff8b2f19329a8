// Budget: 200 ns for all that one exchange records, without its marks; 30 ns for a mark.
#include <benchmark/benchmark.h>

#include "store/journal.h"
#include "store/journal_recovery.h"

namespace relay::store {
namespace {

struct Bench {
  std::filesystem::path directory = "journal_bench";
  std::unique_ptr<Journal> journal;
  core::LedgerEntry entry;

  Bench() {
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    journal = Journal::create({.directory = directory}).value();
    entry.request = core::new_request_id(WallTime{});
    entry.model = std::string_view{"claude-sonnet-4-5"};
    entry.served_model = std::string_view{"claude-sonnet-4-5-20250929"};
  }
  ~Bench() { std::filesystem::remove_all(directory); }
};

void open_and_close(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    const auto slot = bench.journal->open(bench.entry);
    bench.journal->close(*slot, bench.entry);
    bench.journal->release(1);
  }
}
BENCHMARK(open_and_close);

void mark(benchmark::State& state) {
  Bench bench;
  const auto slot = bench.journal->open(bench.entry);
  core::LedgerEntry so_far = bench.entry;
  for (auto _ : state) {
    ++so_far.usage.output;
    bench.journal->mark(*slot, so_far);
  }
}
BENCHMARK(mark);

void collect(benchmark::State& state) {
  Bench bench;
  for (int i = 0; i < 500; ++i)
    bench.journal->close(*bench.journal->open(bench.entry), bench.entry);
  std::vector<core::LedgerEntry> entries;
  for (auto _ : state) {
    entries.clear();
    bench.journal->collect(entries, 500);
  }
  state.SetItemsProcessed(state.iterations() * 500);
}
BENCHMARK(collect);

void recover_a_full_segment(benchmark::State& state) {
  std::vector<JournalSlot> slots(limits::journal_segment_bytes / sizeof(JournalSlot));
  std::uint64_t number = 0;
  for (JournalSlot& slot : slots) {
    write_begin(slot, 1, ++number, {});
    write_end(slot, number, {});
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(recover_slots(std::as_bytes(std::span{slots}), {}));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(slots.size()));
}
BENCHMARK(recover_a_full_segment)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace relay::store
