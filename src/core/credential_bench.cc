// Budgets, per request: parse 1 us, digest 1 us.
#include <benchmark/benchmark.h>

#include "core/credential.h"

namespace relay::core {
namespace {

void parse(benchmark::State& state) {
  const Secret key = generate_key();
  for (auto _ : state) benchmark::DoNotOptimize(parse_key(key.reveal()));
}
BENCHMARK(parse);

void digest(benchmark::State& state) {
  const Secret key = generate_key();
  const Pepper pepper{Secret{"a secret key"}};
  for (auto _ : state) benchmark::DoNotOptimize(pepper.digest(key.reveal()));
}
BENCHMARK(digest);

void new_ids(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(new_attempt_id(WallTime{}));
    benchmark::DoNotOptimize(new_request_id(WallTime{}));
  }
}
BENCHMARK(new_ids);

}  // namespace
}  // namespace relay::core
