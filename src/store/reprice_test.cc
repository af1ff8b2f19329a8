#include "core/reprice.h"

#include <algorithm>

#include "store/store_contract.h"

// The corrections of core/reprice.h, in every store that has to keep them.
namespace relay::store {
namespace {

using core::Delivery;
using core::KeyId;
using core::LedgerEntry;
using core::NanoUsd;
using core::PriceTable;
using core::RepriceReport;
using core::Usage;

// So many nano-dollars for a token of claude-sonnet-4-5.
std::shared_ptr<const PriceTable> priced(NanoUsd nano) {
  const NanoUsd rate = nano * 1'000'000;
  return PriceTable::make({{.models = {"claude-sonnet-4-5"},
                            .rates = {rate, rate, rate, rate, rate},
                            .web_search = 0,
                            .fast = core::factor_one,
                            .us = core::factor_one,
                            .batch = core::factor_one}})
      .value();
}

struct Reprice : StoreContract {
  const WallTime began = entry(0, KeyId{1}).started;
  const WallTime end = began + std::chrono::hours{100};
  KeyId key = create("alice");

  // Attempts whose first halves differ, as they do.
  LedgerEntry used(std::uint32_t number, core::TokenCount tokens, NanoUsd cost) {
    LedgerEntry made = entry(number, key, {.input = tokens});
    made.cost = cost;
    made.is_unpriced = false;
    return made;
  }
  RepriceReport reprice(NanoUsd nano, bool is_dry_run = false) {
    const auto report =
        core::reprice(*store, *priced(nano), {.from = began, .to = end, .is_dry_run = is_dry_run});
    EXPECT_TRUE(report);
    return report.value_or(RepriceReport{});
  }
  NanoUsd cost() { return find("alice").cost_used; }
  std::vector<LedgerEntry> lines() {
    std::vector<LedgerEntry> all;
    const auto page = store->page_of_ledger({}, {.rows_max = 1'000}).value();
    for (const core::LedgerRow& row : page.rows) all.push_back(row.entry);
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(Every, Reprice, every_store(), name_of_store);

TEST_P(Reprice, AppendsTheDifferenceInTheTimeOfTheExchange) {
  ASSERT_TRUE(append({used(1, 100, 500), used(2, 10, 50)}));
  const RepriceReport report = reprice(7);
  EXPECT_EQ(report.exchanges, 2);
  EXPECT_EQ(report.corrected, 2);
  EXPECT_EQ(report.before, 550);
  EXPECT_EQ(report.after, 770);
  EXPECT_EQ(cost(), 770);
  EXPECT_EQ(totals(key).requests, 2);
  EXPECT_EQ(totals(key).usage.input, 110);
  const std::vector<LedgerEntry> all = lines();
  ASSERT_EQ(all.size(), 4u);
  const auto correction = std::ranges::find_if(all, [this](const LedgerEntry& line) {
    return line.delivery == Delivery::adjusted && line.started == used(1, 0, 0).started;
  });
  ASSERT_NE(correction, all.end());
  EXPECT_EQ(correction->cost, 200);
  EXPECT_EQ(correction->usage, Usage{});
  EXPECT_EQ(correction->request.view(), "req_1");
  EXPECT_EQ(correction->price_version, core::price_version(priced(7)->rows()[0]));
}

TEST_P(Reprice, ChangesNothingTheSecondTime) {
  ASSERT_TRUE(append({used(1, 100, 500)}));
  reprice(7);
  const RepriceReport again = reprice(7);
  EXPECT_EQ(again.corrected, 0);
  EXPECT_EQ(again.before, 700);
  EXPECT_EQ(again.after, 700);
  EXPECT_EQ(lines().size(), 2u);
}

// Of one millisecond, and their random bits begin alike.
TEST_P(Reprice, TellsExchangesApartWhoseAttemptsBeginAlike) {
  const KeyId other = create("bob");
  LedgerEntry first = used(1, 100, 500);
  LedgerEntry second = first;
  second.attempt.bytes.back() ^= 1;
  second.request = std::string_view{"req_2"};
  second.key = other;
  second.usage = {.input = 10};
  second.cost = 50;
  LedgerEntry advisor = first;
  advisor.attempt.bytes.back() ^= 2;
  advisor.endpoint = core::Endpoint::advisor;
  advisor.usage = {.input = 1};
  advisor.cost = 5;
  ASSERT_TRUE(append({first, second, advisor}));
  for (const NanoUsd nano : {7, 5, 7}) {
    EXPECT_EQ(reprice(nano).corrected, 3) << nano;
    const RepriceReport again = reprice(nano);
    EXPECT_EQ(again.corrected, 0) << nano;
    EXPECT_EQ(again.after, 111 * nano);
    EXPECT_EQ(cost(), 101 * nano);
    EXPECT_EQ(find("bob").cost_used, 10 * nano);
  }
}

TEST_P(Reprice, GoesBackAndForthAsOftenAsPricesDo) {
  ASSERT_TRUE(append({used(1, 100, 500)}));
  for (const NanoUsd nano : {7, 5, 7, 5, 7, 0, 7}) {
    EXPECT_EQ(reprice(nano).corrected, 1) << nano;
    EXPECT_EQ(cost(), 100 * nano);
  }
}

TEST_P(Reprice, OnlySaysSoWhenItIsDry) {
  ASSERT_TRUE(append({used(1, 100, 500)}));
  EXPECT_EQ(reprice(7, true).after, 700);
  EXPECT_EQ(cost(), 500);
  EXPECT_EQ(lines().size(), 1u);
}

TEST_P(Reprice, GivesAPriceToWhatHadNone) {
  LedgerEntry unpriced = used(1, 100, 0);
  unpriced.is_unpriced = true;
  LedgerEntry unknown = unpriced;
  unknown.attempt = attempt(2);
  unknown.served_model = std::string_view{"claude-unheard-of"};
  ASSERT_TRUE(append({unpriced, unknown}));
  const RepriceReport report = reprice(7);
  EXPECT_EQ(report.corrected, 1);
  EXPECT_EQ(report.unpriced, 1);
  EXPECT_EQ(cost(), 700);
  EXPECT_EQ(reprice(7).corrected, 0);
  const auto sums = store->usage({.filter = {}, .bucket = core::Bucket::none, .by = {}});
  ASSERT_TRUE(sums);
  EXPECT_EQ(sums->at(0).sums.unpriced, 1);
  EXPECT_EQ(sums->at(0).sums.requests, 2);
}

TEST_P(Reprice, TakesUpWhatAnInterruptedOneLeft) {
  std::vector<LedgerEntry> all;
  for (std::uint32_t i = 1; i <= 1'200; ++i) all.push_back(used(i, 1, 5));
  ASSERT_TRUE(append(all));
  const WallTime middle = began + std::chrono::milliseconds{600};
  ASSERT_TRUE(core::reprice(*store, *priced(7), {.from = began, .to = middle}));
  EXPECT_EQ(reprice(7).corrected, 601);
  EXPECT_EQ(cost(), 1'200 * 7);
}

TEST_P(Reprice, GoesInStepsThatEndWhereNothingIsHalfDone) {
  std::vector<LedgerEntry> all;
  for (std::uint32_t i = 1; i <= 900; ++i) {
    all.push_back(used(i, 1, 5));
    all.back().started = began;  // In one millisecond.
  }
  ASSERT_TRUE(append(all));
  reprice(7);
  core::RepriceRequest request{.from = began, .to = end, .lines_max = 1};
  RepriceReport sum;
  int steps = 0;
  do {
    const auto report = core::reprice(*store, *priced(9), request);
    ASSERT_TRUE(report);
    sum.corrected += report->corrected;
    request.after = report->next;
    ++steps;
  } while (!request.after.empty());
  EXPECT_EQ(sum.corrected, 900);
  EXPECT_EQ(cost(), 900 * 9);
  EXPECT_GE(steps, 1);
}

TEST_P(Reprice, LeavesAloneWhatWasRefused) {
  LedgerEntry refused = used(1, 100, 0);
  refused.delivery = Delivery::refused;
  ASSERT_TRUE(append({refused}));
  EXPECT_EQ(reprice(7).exchanges, 0);
  EXPECT_EQ(cost(), 0);
}

TEST_P(Reprice, CountsTokensThatWereCorrected) {
  LedgerEntry correction = used(1, -40, -200);
  correction.delivery = Delivery::adjusted;
  correction.attempt.bytes[15] = 1;
  ASSERT_TRUE(append({used(1, 100, 500), correction}));
  EXPECT_EQ(cost(), 300);
  reprice(7);
  EXPECT_EQ(cost(), 60 * 7);
}

}  // namespace
}  // namespace relay::store
