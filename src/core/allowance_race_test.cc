#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "base/rfc3339.h"
#include "core/allowance.h"
#include "core/allowance_view.h"

// What holds whatever threads do at the same time. Run under the tsan preset too.
namespace relay::core {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t thread_count = 64;
constexpr int rounds = 1'000;
constexpr Hold hold{.tokens = 7, .cost = 11};
const WallTime noon = parse_rfc3339("2026-11-25T12:00:00Z").value();
const Periods today = periods_at(TimeZone{}, noon);

struct StillClock final : Clock {
  TimePoint now() const noexcept override { return TimePoint{1'000h}; }
  WallTime wall() const noexcept override { return noon; }
};
const StillClock clock;

std::expected<Grant, Refusal> take(Allowance& allowance, const AllowanceTerms& terms) {
  return allowance.take(terms, {.hold = hold, .periods = today, .wall = noon}, clock);
}

// Something that has room for exactly `room` exchanges.
AllowanceTerms terms_with(int kind, std::int64_t room) {
  AllowanceTerms terms;
  switch (kind) {
    case 0: terms.concurrency = room; break;
    case 1: terms.requests = {.count = room, .period = 60s}; break;
    case 2: terms.tokens = {.count = room * hold.tokens}; break;
    case 3: terms.cost_limits[Window::month] = room * hold.cost + 10; break;
    default:
      terms.token_limits[every_window[static_cast<std::size_t>(kind - 4)]] = room * hold.tokens + 6;
  }
  return terms;
}
constexpr int kinds = 4 + static_cast<int>(every_window.size());

// P3 and I10: every thread asks twice, all at once.
TEST(AllowanceRace, AdmitsExactlyWhatThereIsRoomFor) {
  std::unique_ptr<Allowance> allowance;
  AllowanceTerms terms;
  std::atomic<std::int64_t> admitted = 0;
  std::barrier gate{thread_count + 1};
  const auto ask = [&] {
    for (int round = 0; round < rounds; ++round) {
      gate.arrive_and_wait();
      {
        auto first = take(*allowance, terms);
        auto second = take(*allowance, terms);
        admitted += first.has_value() + second.has_value();
        gate.arrive_and_wait();
      }
      gate.arrive_and_wait();  // Until all have given back theirs.
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < thread_count; ++i) threads.emplace_back(ask);

  int failures = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t room = 1 + round % 127;
    allowance = std::make_unique<Allowance>(today);
    terms = terms_with(round % kinds, room);
    admitted = 0;
    gate.arrive_and_wait();
    gate.arrive_and_wait();
    gate.arrive_and_wait();
    if (admitted != room && ++failures < 5)
      ADD_FAILURE() << "kind " << round % kinds << ": " << admitted << " of " << room;
  }
}

// I5: what is charged is never more than the limit and what exchanges used beyond their holds.
TEST(AllowanceRace, NeverSpendsMoreThanTheLimitAndWhatHoldsWereShortOf) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  constexpr TokenCount limit = 20'000;
  for (const bool is_strict : {true, false}) {
    Allowance allowance{today};
    AllowanceTerms terms;
    for (const Window window : every_window) terms.token_limits[window] = limit;
    std::atomic<TokenCount> beyond = 0;
    std::atomic<int> failures = 0;
    const auto spend = [&](unsigned own_seed) {
      std::mt19937 random{own_seed};
      for (int i = 0; i < 20'000; ++i) {
        auto grant = take(allowance, terms);
        if (!grant) continue;
        const TokenCount most = is_strict ? hold.tokens : 2 * hold.tokens;
        const TokenCount used = static_cast<TokenCount>(random() % static_cast<unsigned>(most + 1));
        beyond += std::max<TokenCount>(used - hold.tokens, 0);
        grant->settle({.input = used}, 0);
        for (const Window window : every_window) {
          const WindowState state = allowance.tokens().state(window, today);
          failures += window == Window::total && state.used > limit + beyond;
        }
      }
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < 8; ++i) threads.emplace_back(spend, seed + i);
    }
    EXPECT_EQ(failures, 0);
    for (const Window window : every_window) {
      const WindowState state = allowance.tokens().state(window, today);
      EXPECT_LE(state.used, limit + beyond);
      EXPECT_GT(state.used, limit - 2 * hold.tokens);
      EXPECT_EQ(state.held, 0) << "I6: when idle nothing is held";
    }
    EXPECT_EQ(allowance.live(), 0);
  }
}

// 200 requests at the edge of a limit, all of them running at the same time.
TEST(AllowanceRace, KeepsTwoHundredParallelRequestsWithinTheLimit) {
  constexpr std::size_t each = 5;
  constexpr std::size_t askers = 40;
  constexpr TokenCount limit = 10'000;
  const TokenCount room = 23 * hold.tokens + 3;
  std::unique_ptr<Allowance> allowance;
  AllowanceTerms terms;
  terms.token_limits[Window::total] = limit;
  std::atomic<std::int64_t> admitted = 0;
  std::barrier gate{askers + 1};
  const auto ask = [&] {
    for (int round = 0; round < rounds; ++round) {
      const TokenCount used = round % 2 == 0 ? hold.tokens : hold.tokens + 5;
      gate.arrive_and_wait();
      std::vector<Grant> running;
      for (std::size_t i = 0; i < each; ++i) {
        if (auto grant = take(*allowance, terms)) running.push_back(std::move(*grant));
      }
      admitted += static_cast<std::int64_t>(running.size());
      gate.arrive_and_wait();
      for (Grant& grant : running) grant.settle({.output = used}, 0);
      gate.arrive_and_wait();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < askers; ++i) threads.emplace_back(ask);

  for (int round = 0; round < rounds; ++round) {
    allowance = std::make_unique<Allowance>(today);
    allowance->tokens().load(Window::total, today, limit - room);
    admitted = 0;
    for (int phase = 0; phase < 3; ++phase) gate.arrive_and_wait();
    const TokenCount used = allowance->tokens().state(Window::total, today).used;
    const TokenCount beyond = round % 2 == 0 ? 0 : 5 * admitted;
    EXPECT_EQ(admitted, 23);
    EXPECT_LE(used, limit + beyond);
  }
}

}  // namespace
}  // namespace relay::core
