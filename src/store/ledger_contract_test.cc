#include <map>
#include <thread>

#include "store/store_contract.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::Delivery;
using core::JournalPosition;
using core::KeyId;
using core::LedgerEntry;
using core::Usage;
using core::UsageTotals;
using testing::ElementsAre;
using testing::IsEmpty;

struct LedgerContract : StoreContract {
  std::vector<JournalPosition> positions() { return store->journal_positions().value(); }
};
INSTANTIATE_TEST_SUITE_P(Every, LedgerContract, every_store(), name_of_store);

TEST_P(LedgerContract, ChargesEveryKindOfUsageToItsKey) {
  const KeyId alice = create("alice");
  const KeyId bob = create("bob");
  const Usage usage{.input = 1,
                    .output = 20,
                    .cache_write_5m = 300,
                    .cache_write_1h = 4'000,
                    .cache_read = 50'000,
                    .web_searches = 6};
  ASSERT_TRUE(
      append({entry(1, alice, usage), entry(2, bob, {.input = 7}), entry(3, alice, usage)}));
  const Usage twice{.input = 2,
                    .output = 40,
                    .cache_write_5m = 600,
                    .cache_write_1h = 8'000,
                    .cache_read = 100'000,
                    .web_searches = 12};
  EXPECT_EQ(totals(alice).usage, twice);
  EXPECT_EQ(totals(alice).requests, 2);
  EXPECT_EQ(totals(bob).usage, Usage{.input = 7});
  EXPECT_EQ(store->find_key("uuid of alice").value().tokens_used, 108'642);
  EXPECT_EQ(keys()[0].tokens_used, 7);
}

TEST_P(LedgerContract, OwesNothingToAKeyThatWasNeverUsed) {
  EXPECT_EQ(totals(create("alice")).usage, Usage{});
  EXPECT_EQ(totals(KeyId{99}).requests, 0);
}

TEST_P(LedgerContract, ChargesAnAttemptOnceHoweverOftenItIsAppended) {
  const KeyId key = create("alice");
  const LedgerEntry first = entry(1, key, {.input = 40});
  ASSERT_TRUE(append({first}));
  ASSERT_TRUE(append({first, entry(2, key, {.input = 2}), first}));
  ASSERT_TRUE(append({entry(2, key, {.input = 2})}));
  EXPECT_EQ(totals(key).usage.input, 42);
  EXPECT_EQ(totals(key).requests, 2);
}

// Large batches go another way than small ones.
TEST_P(LedgerContract, ChargesManyAttemptsOnceWhenABatchComesAgainWithMore) {
  const KeyId key = create("alice");
  std::vector<LedgerEntry> entries;
  const auto grow_to = [&](std::uint32_t count) {
    for (auto number = static_cast<std::uint32_t>(entries.size()) + 1; number <= count; ++number) {
      entries.push_back(entry(number, key, {.input = number}));
    }
  };
  grow_to(130);
  ASSERT_TRUE(append(entries, {{.journal = 1, .sequence = 130}}));
  EXPECT_EQ(totals(key).usage.input, 130 * 131 / 2);
  grow_to(257);
  entries.push_back(entries.front());
  ASSERT_TRUE(append(entries, {{.journal = 1, .sequence = 257}}));
  EXPECT_EQ(totals(key).usage.input, 257 * 258 / 2);
  EXPECT_EQ(totals(key).requests, 257);
  EXPECT_EQ(positions().at(0).sequence, 257u);
  EXPECT_THAT(store->check().value(), IsEmpty());
}

TEST_P(LedgerContract, KeepsTheFirstOfTwoEntriesForOneAttempt) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 40})}));
  ASSERT_TRUE(append({entry(1, key, {.input = 1'000})}));
  EXPECT_EQ(totals(key).usage.input, 40);
}

TEST_P(LedgerContract, ChargesNothingForARefusedExchange) {
  const KeyId key = create("alice");
  LedgerEntry refused = entry(1, key, {.input = 40, .is_estimated = true});
  refused.delivery = Delivery::refused;
  ASSERT_TRUE(append({refused}));
  EXPECT_EQ(totals(key).usage, Usage{});
  EXPECT_EQ(totals(key).requests, 0);
}

TEST_P(LedgerContract, SaysThatATotalIsEstimatedWhenAPartOfItIs) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 1})}));
  EXPECT_FALSE(totals(key).usage.is_estimated);
  ASSERT_TRUE(append({entry(2, key, {.input = 1, .is_estimated = true})}));
  EXPECT_TRUE(totals(key).usage.is_estimated);
}

TEST_P(LedgerContract, AddsUpWhatAKeyCosts) {
  const KeyId key = create("alice");
  std::vector<LedgerEntry> entries = {entry(1, key), entry(2, key), entry(3, key)};
  for (LedgerEntry& made : entries) made.cost = 5'000'000'000;
  entries[2].delivery = Delivery::refused;
  ASSERT_TRUE(append(entries));
  EXPECT_EQ(totals(key).cost, 10'000'000'000);
  EXPECT_EQ(find("alice").cost_used, 10'000'000'000);
}

TEST_P(LedgerContract, CorrectsWhatWasChargedWithoutCountingARequest) {
  const KeyId key = create("alice");
  LedgerEntry charged = entry(1, key, {.input = 40, .is_estimated = true});
  charged.cost = 1'000;
  ASSERT_TRUE(append({charged}));
  LedgerEntry correction = charged;
  correction.attempt = attempt(2);
  correction.delivery = Delivery::adjusted;
  correction.usage = {.input = -10, .is_estimated = true};
  correction.cost = -300;
  ASSERT_TRUE(append({correction}));
  EXPECT_EQ(totals(key).usage.input, 30);
  EXPECT_EQ(totals(key).cost, 700);
  EXPECT_EQ(totals(key).requests, 1);
  EXPECT_EQ(find("alice").tokens_used, 30);
}

TEST_P(LedgerContract, KnowsWhenAKeyWasUsedFirstAndLast) {
  const KeyId key = create("alice");
  const WallTime noon{std::chrono::hours{12}};
  std::uint32_t number = 0;
  for (const std::int64_t minutes : {5, -5, 0}) {
    LedgerEntry used = entry(++number, key);
    used.started = noon + std::chrono::minutes{minutes};
    if (minutes == -5) used.delivery = Delivery::refused;
    ASSERT_TRUE(append({used}));
  }
  LedgerEntry correction = entry(++number, key);
  correction.started = WallTime{};
  correction.delivery = Delivery::adjusted;
  ASSERT_TRUE(append({correction}));
  EXPECT_EQ(find("alice").first_used_at, noon - std::chrono::minutes{5});
  EXPECT_EQ(find("alice").last_used_at, noon + std::chrono::minutes{5});
}

// A batch that cannot be stored would hold up all that follow it.
TEST_P(LedgerContract, RecordsWhatAnUnknownKeyUsed) {
  ASSERT_TRUE(append({entry(1, KeyId{99}, {.input = 40})}));
  EXPECT_EQ(totals(KeyId{99}).usage.input, 40);
}

// The first batch that a store ever gets, and one that follows.
TEST_P(LedgerContract, TakesABatchInWhichNoRequestHasAName) {
  const KeyId alice = create("alice");
  for (const std::uint32_t number : {1u, 2u}) {
    LedgerEntry nameless = entry(number, alice, {.input = 5});
    nameless.request = {};
    nameless.upstream_request = {};
    const Result<void> appended = append({nameless});
    EXPECT_TRUE(appended) << appended.error().detail;
  }
  EXPECT_EQ(totals(alice).usage.input, 10);
}

TEST_P(LedgerContract, KeepsTheFurthestPositionOfEachJournal) {
  EXPECT_THAT(positions(), IsEmpty());
  const std::uint64_t large = 0xfedc'ba98'7654'3210;
  ASSERT_TRUE(append({}, {{.journal = 1, .sequence = 10}, {.journal = large, .sequence = 5}}));
  ASSERT_TRUE(append({}, {{.journal = 1, .sequence = 9}, {.journal = large, .sequence = 6}}));
  std::map<std::uint64_t, std::uint64_t> furthest;
  for (const JournalPosition& at : positions()) furthest[at.journal] = at.sequence;
  EXPECT_THAT(furthest, ElementsAre(std::pair{1, 10}, std::pair{large, 6}));

  const std::vector<std::uint64_t> gone = {1, 77};
  EXPECT_TRUE(store->forget_journals(gone));
  ASSERT_EQ(positions().size(), 1u);
  EXPECT_EQ(positions()[0].journal, large);
}

// A reader sees a batch whole or not at all, so the key's sum never stands between two batches.
TEST_P(LedgerContract, ShowsReadersWholeBatches) {
  constexpr std::uint32_t batches = 40;
  constexpr std::uint32_t batch_entries = 25;
  const KeyId key = create("alice");
  std::atomic<bool> done = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] {
      std::int64_t last = 0;
      while (!done) {
        const UsageTotals seen = totals(key);
        EXPECT_EQ(seen.usage.input % batch_entries, 0);
        EXPECT_EQ(seen.usage.input, seen.requests);
        EXPECT_GE(seen.requests, last);
        EXPECT_EQ(keys().size(), 1u);
        last = seen.requests;
      }
    });
  }
  for (std::uint32_t batch = 0; batch < batches; ++batch) {
    std::vector<LedgerEntry> entries;
    for (std::uint32_t i = 0; i < batch_entries; ++i) {
      entries.push_back(entry(batch * batch_entries + i, key, {.input = 1}));
    }
    ASSERT_TRUE(append(entries));
  }
  done = true;
  readers.clear();
  EXPECT_EQ(totals(key).requests, batches * batch_entries);
}

TEST_P(LedgerContract, ChargesOnceWhenTwoThreadsAppendTheSame) {
  const KeyId key = create("alice");
  const auto append_all = [&] {
    for (std::uint32_t i = 0; i < 200; i += 10) {
      std::vector<LedgerEntry> entries;
      for (std::uint32_t j = 0; j < 10; ++j) entries.push_back(entry(i + j, key, {.output = 1}));
      EXPECT_TRUE(append(entries));
    }
  };
  std::jthread one{append_all};
  std::jthread two{append_all};
  one.join();
  two.join();
  EXPECT_EQ(totals(key).usage.output, 200);
}

TEST_P(LedgerContract, FindsTheAttemptsThatAreRecorded) {
  const core::KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key), entry(3, key)}));
  const std::vector<LedgerEntry> asked = {entry(1, key), entry(2, key), entry(3, key)};
  EXPECT_THAT(store->find_attempts(asked).value(),
              testing::UnorderedElementsAre(attempt(1), attempt(3)));
  EXPECT_THAT(store->find_attempts({}).value(), testing::IsEmpty());
}

TEST_P(LedgerContract, LeavesABatchToWhoClaimedItFirst) {
  const core::BatchOwner first{.key = core::KeyId{7}, .since = WallTime{1'000ms}};
  const core::BatchOwner second{.key = core::KeyId{8}, .since = WallTime{2'000ms}};
  EXPECT_EQ(store->claim_batch("a", first).value(), first);
  EXPECT_EQ(store->claim_batch("a", second).value(), first);
  EXPECT_EQ(store->claim_batch("A", second).value(), second);

  EXPECT_EQ(store->forget_batches(WallTime{1'000ms}).value(), first.since);
  EXPECT_EQ(store->forget_batches(WallTime{1'001ms}).value(), second.since);
  EXPECT_EQ(store->claim_batch("a", second).value(), second);
  EXPECT_EQ(store->forget_batches(WallTime{3'000ms}).value(), std::nullopt);
}

}  // namespace
}  // namespace relay::store
