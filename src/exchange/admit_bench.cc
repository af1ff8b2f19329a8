// Budget: 300 ns to admit and settle an exchange of a key without limits, and as much again where
// something is limited but nothing has to be estimated. An estimate costs what its question costs:
// see src/claude/input_estimate.h.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "exchange/admit.h"
#include "exchange/settle.h"
#include "exchange/steady_fixture.h"

namespace relay::exchange {
namespace {

struct Admission {
  SteadyExchange of;
  Principal principal;
  Request request;

  template <typename Change>
  Admission(std::size_t question_bytes, Change change) {
    of.ask(false);
    std::string& body = of.client.body;
    std::string words;
    while (body.size() + words.size() < question_bytes) words += "A few words of a question. ";
    body.insert(body.size() - 4, words);
    const KeyEntry* const known = of.keys.snapshot()->keys().data();
    KeyEntry entry = *known;
    core::Tier tier{.name = "tier"};
    change(entry.terms, tier);
    entry.allowed = core::allowance_terms(entry.terms, &tier, 0);
    of.keys.replace({entry});
    principal = authenticate(of.keys, of.pepper, of.client.request_head, of.clock.wall()).value();
    Task<Result<std::unique_ptr<Request>>> reading = read_request(of.context, of.client);
    reading.start();
    request = std::move(*reading.result().value());
  }
  void run() {
    Result<core::Reservation> reservation =
        admit(of.context, principal, request, of.client, core::new_request_id(of.clock.wall()));
    if (!reservation) std::abort();
    Outcome outcome{.delivery = core::Delivery::complete, .usage = {.input = 1'000, .output = 300}};
    settle(of.context, *reservation, outcome);
  }
};

template <typename Change>
void measure(benchmark::State& state, std::size_t question_bytes, Change change) {
  Admission admission{question_bytes, change};
  for (auto _ : state) admission.run();
}

void without_limits(benchmark::State& state) {
  measure(state, 4'000, [](core::KeyTerms&, core::Tier&) {});
}
BENCHMARK(without_limits);

void with_rate_and_concurrency(benchmark::State& state) {
  measure(state, 4'000, [](core::KeyTerms& terms, core::Tier& tier) {
    tier.requests = 1'000'000'000;
    tier.period = std::chrono::milliseconds{1'000};
    terms.concurrency = 100;
  });
}
BENCHMARK(with_rate_and_concurrency);

void limit_everything(core::KeyTerms& terms) {
  for (const core::Window window : core::every_window) {
    terms.token_limits[window] = std::int64_t{1} << 50;
    terms.cost_limits[window] = std::int64_t{1} << 50;
  }
}

void with_strict_holds_in_ten_windows(benchmark::State& state) {
  measure(state, 4'000, [](core::KeyTerms& terms, core::Tier&) {
    limit_everything(terms);
    terms.hold = core::HoldPolicy::strict;
  });
}
BENCHMARK(with_strict_holds_in_ten_windows);

void with_estimated_holds(benchmark::State& state) {
  measure(state, static_cast<std::size_t>(state.range(0)),
          [](core::KeyTerms& terms, core::Tier&) { limit_everything(terms); });
}
BENCHMARK(with_estimated_holds)->Arg(1'000)->Arg(4'000)->Arg(100'000);

}  // namespace
}  // namespace relay::exchange
