// Budget: 100 ns to find a key among 100,000, in an order that no cache foresees.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "exchange/key_table.h"

namespace relay::exchange {
namespace {

std::vector<KeyEntry> random_keys(std::size_t count) {
  std::mt19937_64 random{42};
  std::vector<KeyEntry> keys(count);
  for (KeyEntry& key : keys) {
    std::ranges::generate(key.digest, [&] { return static_cast<std::uint8_t>(random()); });
    key.public_id = std::to_string(random());
    key.name = "a key with a name";
    key.secret_hash = std::string(60, '.');
  }
  return keys;
}

std::vector<core::KeyDigest> shuffled_digests(const std::vector<KeyEntry>& keys) {
  std::vector<core::KeyDigest> digests;
  for (const KeyEntry& key : keys) digests.push_back(key.digest);
  std::ranges::shuffle(digests, std::mt19937_64{7});
  return digests;
}

// What a request pays: the snapshot of this moment, and the entry in it.
void find(benchmark::State& state) {
  const std::vector<KeyEntry> keys = random_keys(static_cast<std::size_t>(state.range(0)));
  const std::vector<core::KeyDigest> digests = shuffled_digests(keys);
  const KeyTable table{keys};
  std::size_t turn = 0;
  for (auto _ : state) {
    const auto snapshot = table.snapshot();
    benchmark::DoNotOptimize(snapshot->find(digests[turn], WallTime{})->id);
    if (++turn == digests.size()) turn = 0;
  }
}
BENCHMARK(find)->Arg(10)->Arg(1'000)->Arg(100'000);

void replace(benchmark::State& state) {
  const std::vector<KeyEntry> keys = random_keys(static_cast<std::size_t>(state.range(0)));
  KeyTable table;
  for (auto _ : state) table.replace(keys);
}
BENCHMARK(replace)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace relay::exchange
