#include <random>
#include <set>

#include "base/limits.h"
#include "store/store_contract.h"

namespace relay::store {
namespace {

using core::Bucket;
using core::Delivery;
using core::GroupBy;
using core::KeyCharge;
using core::KeyId;
using core::LedgerEntry;
using core::LedgerFilter;
using core::LedgerRow;
using core::UsageGroup;
using core::UsageQuery;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WallTime noon{hours{12} + hours{24} * 20'000};

struct ReportContract : StoreContract {
  KeyId alice = create("alice");
  KeyId bob = create("bob");

  // The n-th entry, which began n minutes after noon, with what `set` makes of it.
  LedgerEntry made(std::uint32_t number, KeyId key,
                   const std::function<void(LedgerEntry&)>& set = {}) {
    LedgerEntry entry = store::entry(number, key, {.input = number});
    entry.started = noon + minutes{number};
    entry.is_unpriced = false;
    entry.cost = 1'000 * number;
    if (set) set(entry);
    return entry;
  }
  // Their request ids, read page by page, without "req_".
  std::vector<std::string> requests(const LedgerFilter& filter, std::size_t rows_max = 3) {
    std::vector<std::string> found;
    core::PageRequest request{.after = {}, .rows_max = rows_max};
    do {
      const auto page = store->page_of_ledger(filter, request).value();
      EXPECT_LE(page.rows.size(), rows_max);
      for (const LedgerRow& row : page.rows) {
        found.emplace_back(row.entry.request.view().substr(4));
      }
      request.after = page.next;
    } while (!request.after.empty());
    return found;
  }
  // "hour name name: requests/input", hours from noon on.
  std::vector<std::string> usage(const UsageQuery& query) {
    std::vector<std::string> found;
    const std::vector<UsageGroup> groups = store->usage(query).value();
    for (const UsageGroup& group : groups) {
      std::string text;
      if (query.bucket != Bucket::none) {
        text = std::to_string(std::chrono::floor<minutes>(group.bucket - noon).count()) + " ";
      }
      for (const std::string& name : group.names) text += name + " ";
      text += std::to_string(group.sums.requests) + "/" + std::to_string(group.sums.usage.input);
      found.push_back(text);
    }
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(Every, ReportContract, every_store(), name_of_store);

TEST_P(ReportContract, ShowsEveryMemberOfAnEntry) {
  const LedgerEntry written = entry(3, alice,
                                    {.input = 1,
                                     .output = 2,
                                     .cache_write_5m = 3,
                                     .cache_write_1h = 4,
                                     .cache_read = 5,
                                     .web_searches = 6,
                                     .is_estimated = true});
  ASSERT_TRUE(append({written}));
  const auto page = store->page_of_ledger({}, {}).value();
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_TRUE(same(page.rows[0].entry, written));
  EXPECT_EQ(page.rows[0].key_uuid, "uuid of alice");
  EXPECT_EQ(page.rows[0].key_name, "alice");
}

TEST_P(ReportContract, NamesTheKeyOfAnEntryEvenWhenItIsDeletedOrUnknown) {
  ASSERT_TRUE(append({made(1, alice), made(2, KeyId{99})}));
  ASSERT_TRUE(store->delete_key("uuid of alice", audit("key.delete", "alice")));
  const auto page = store->page_of_ledger({}, {}).value();
  ASSERT_EQ(page.rows.size(), 2u);
  EXPECT_EQ(page.rows[0].key_uuid, "");
  EXPECT_EQ(page.rows[0].key_name, "");
  EXPECT_EQ(page.rows[1].key_name, "alice");
}

TEST_P(ReportContract, ShowsTheLedgerNewestFirstWhateverTheSizeOfAPage) {
  ASSERT_TRUE(append({made(2, alice), made(5, alice), made(1, alice)}));
  // Two that began at the same time, and one that was written late.
  ASSERT_TRUE(append(
      {made(3, bob), made(4, bob, [](LedgerEntry& entry) { entry.started = noon + minutes{3}; })}));
  for (std::size_t rows_max = 1; rows_max <= 6; ++rows_max) {
    EXPECT_THAT(requests({}, rows_max), ElementsAre("5", "4", "3", "2", "1")) << rows_max;
  }
}

TEST_P(ReportContract, FindsEntriesByEverythingThatCanBeAsked) {
  core::NewKey carol = named("carol");
  carol.tags = {"red", "blue"};
  carol.terms.tier = "gold";
  const KeyId tagged = create_one(*store, carol).id;
  ASSERT_TRUE(append({
      made(1, alice, [](LedgerEntry& entry) { entry.delivery = Delivery::client_gone; }),
      made(2, bob, [](LedgerEntry& entry) { entry.status = 529; }),
      made(3, tagged, [](LedgerEntry& entry) { entry.served_model = {}; }),
      made(4, alice, [](LedgerEntry& entry) { entry.usage.is_estimated = true; }),
      made(5, bob, [](LedgerEntry& entry) { entry.is_unpriced = true; }),
      made(6, alice, [](LedgerEntry& entry) { entry.endpoint = core::Endpoint::batches; }),
      made(7, alice, [](LedgerEntry& entry) { entry.client = {.bytes = {9}}; }),
      made(8, alice,
           [](LedgerEntry& entry) {
             entry.upstream_request = std::string_view{"req_up"};
             entry.endpoint = core::Endpoint::advisor;
           }),
  }));
  EXPECT_THAT(requests({.keys = {bob}}), ElementsAre("5", "2"));
  EXPECT_THAT(requests({.keys = {bob, tagged}}), ElementsAre("5", "3", "2"));
  EXPECT_THAT(requests({.tag = "blue"}), ElementsAre("3"));
  EXPECT_THAT(requests({.tier = "gold"}), ElementsAre("3"));
  EXPECT_THAT(requests({.tag = "green"}), IsEmpty());
  EXPECT_THAT(requests({.model = "claude-sonnet-4-5"}), ElementsAre("3"));
  EXPECT_THAT(requests({.delivery = Delivery::client_gone}), ElementsAre("1"));
  EXPECT_THAT(requests({.delivery = Delivery::complete}),
              ElementsAre("8", "7", "6", "5", "4", "3", "2"));
  EXPECT_THAT(requests({.endpoint = core::Endpoint::batches}), ElementsAre("6"));
  EXPECT_THAT(requests({.endpoint = core::Endpoint::advisor}), ElementsAre("8"));
  EXPECT_THAT(requests({.status_class = 5}), ElementsAre("2"));
  EXPECT_THAT(requests({.status_class = 2}), ElementsAre("8", "7", "6", "5", "4", "3", "1"));
  EXPECT_THAT(requests({.is_stream = true}), ElementsAre("8", "6", "4", "2"));
  EXPECT_THAT(requests({.is_estimated = true}), ElementsAre("4"));
  EXPECT_THAT(requests({.is_estimated = false}).size(), 7);
  EXPECT_THAT(requests({.is_unpriced = true}), ElementsAre("5"));
  EXPECT_THAT(requests({.cost_min = 7'000}), ElementsAre("8", "7"));
  EXPECT_THAT(requests({.duration_ms_min = 8}), ElementsAre("8", "7"));
  EXPECT_THAT(requests({.client = Address{.bytes = {9}}}), ElementsAre("7"));
  EXPECT_THAT(requests({.request = "req_3"}), ElementsAre("3"));
  EXPECT_THAT(requests({.request = "req_up"}), ElementsAre("8"));
  EXPECT_THAT(requests({.request = "' OR 1=1 --"}), IsEmpty());
  EXPECT_THAT(requests({.from = noon + minutes{3}, .to = noon + minutes{6}}),
              ElementsAre("5", "4", "3"));
  EXPECT_THAT(requests({.keys = {alice}, .is_stream = true, .cost_min = 5'000}),
              ElementsAre("8", "6"));
}

TEST_P(ReportContract, RefusesACursorThatItHasNotGiven) {
  ASSERT_TRUE(append({made(1, alice), made(2, alice)}));
  const auto page = store->page_of_ledger({}, {.after = {}, .rows_max = 1}).value();
  for (const std::string& cursor : {std::string{"x"}, page.next + "0", page.next.substr(1)}) {
    EXPECT_EQ(failed(store->page_of_ledger({}, {.after = cursor})), ErrorCode::invalid_request);
  }
  EXPECT_EQ(failed(store->page_of_keys({}, {}, {.after = page.next})), ErrorCode::invalid_request);
}

TEST_P(ReportContract, AddsUpByHourKeyModelTagTierAndDelivery) {
  core::NewKey carol = named("carol");
  carol.tags = {"red", "blue", "red"};
  carol.terms.tier = "gold";
  const KeyId tagged = create_one(*store, carol).id;
  ASSERT_TRUE(append({
      made(1, alice),
      made(2, alice, [](LedgerEntry& entry) { entry.served_model = {}; }),
      made(70, bob, [](LedgerEntry& entry) { entry.delivery = Delivery::client_gone; }),
      made(80, tagged),
      made(90, KeyId{99}),
  }));
  const std::string served = "claude-sonnet-4-5-20250929";
  EXPECT_THAT(usage({}), ElementsAre("5/243"));
  EXPECT_THAT(usage({.bucket = Bucket::hour}), ElementsAre("0 2/3", "60 3/240"));
  EXPECT_THAT(usage({.bucket = Bucket::quarter}),
              ElementsAre("0 2/3", "60 1/70", "75 1/80", "90 1/90"));
  EXPECT_THAT(usage({.by = {GroupBy::key}}),
              ElementsAre(" 1/90", "uuid of alice 2/3", "uuid of bob 1/70", "uuid of carol 1/80"));
  EXPECT_THAT(usage({.by = {GroupBy::model}}),
              ElementsAre("claude-sonnet-4-5 1/2", served + " 4/241"));
  EXPECT_THAT(usage({.by = {GroupBy::tag}}), ElementsAre(" 4/163", "blue 1/80", "red 1/80"));
  EXPECT_THAT(usage({.by = {GroupBy::tier}}), ElementsAre(" 4/163", "gold 1/80"));
  EXPECT_THAT(usage({.by = {GroupBy::delivery}}),
              ElementsAre("client_gone 1/70", "complete 4/173"));
  EXPECT_THAT(usage({.bucket = Bucket::hour, .by = {GroupBy::delivery, GroupBy::tier}}),
              ElementsAre("0 complete  2/3", "60 client_gone  1/70", "60 complete  1/90",
                          "60 complete gold 1/80"));
  EXPECT_THAT(usage({.filter = {.keys = {alice, bob}}}), ElementsAre("3/73"));
  EXPECT_THAT(usage({.filter = {.tag = "red"}}), ElementsAre("1/80"));
  EXPECT_THAT(usage({.filter = {.tier = "gold"}, .bucket = Bucket::hour}), ElementsAre("60 1/80"));
  EXPECT_THAT(usage({.filter = {.model = served}, .by = {GroupBy::key}}).size(), 4u);
  EXPECT_THAT(usage({.filter = {.delivery = Delivery::client_gone}}), ElementsAre("1/70"));
  EXPECT_THAT(usage({.filter = {.from = noon + hours{1}}, .bucket = Bucket::hour}),
              ElementsAre("60 3/240"));
  EXPECT_THAT(usage({.filter = {.to = noon + hours{1}}}), ElementsAre("2/3"));
  EXPECT_THAT(usage({.filter = {.to = noon}}), IsEmpty());
}

TEST_P(ReportContract, CountsWhatWasRefusedEstimatedAndUnpriced) {
  ASSERT_TRUE(append({
      made(1, alice, [](LedgerEntry& entry) { entry.delivery = Delivery::refused; }),
      made(2, alice, [](LedgerEntry& entry) { entry.usage.is_estimated = true; }),
      made(3, alice, [](LedgerEntry& entry) { entry.is_unpriced = true; }),
      made(4, alice, [](LedgerEntry& entry) { entry.is_unpriced = true; }),
      made(5, alice,
           [](LedgerEntry& entry) {
             entry.delivery = Delivery::adjusted;
             entry.is_unpriced = true;
             entry.usage = {.output = -7, .is_estimated = true};
           }),
  }));
  for (const Bucket bucket : {Bucket::none, Bucket::hour, Bucket::quarter}) {
    for (const auto& by : {std::vector<GroupBy>{}, std::vector{GroupBy::key}}) {
      const auto groups = store->usage({.filter = {}, .bucket = bucket, .by = by}).value();
      ASSERT_EQ(groups.size(), 1u);
      const core::UsageSums& sums = groups[0].sums;
      EXPECT_EQ(sums.requests, 4);
      EXPECT_EQ(sums.refused, 1);
      EXPECT_EQ(sums.estimated, 1);
      EXPECT_EQ(sums.unpriced, 1);
      EXPECT_EQ(sums.usage.input, 2 + 3 + 4);
      EXPECT_EQ(sums.usage.output, -7);
      EXPECT_EQ(sums.cost, 2'000 + 3'000 + 4'000 + 5'000);
      EXPECT_TRUE(sums.usage.is_estimated);
    }
  }
}

TEST_P(ReportContract, SaysWhatEachKeyWasChargedInATime) {
  const auto charge = [](const std::vector<KeyCharge>& all, KeyId key) {
    for (const KeyCharge& one : all) {
      if (one.key == key) return std::pair{one.tokens, one.cost};
    }
    return std::pair{core::TokenCount{0}, core::NanoUsd{0}};
  };
  // Every 7 minutes for five days: 2 tokens and 3 of money each.
  std::vector<LedgerEntry> entries;
  for (std::uint32_t number = 0; number < 1'029; ++number) {
    entries.push_back(made(number, number % 2 == 0 ? alice : bob, [number](LedgerEntry& entry) {
      entry.started = noon + minutes{7 * number};
      entry.usage = {.output = 2};
      entry.cost = 3;
    }));
  }
  entries.push_back(made(5'000, KeyId{99}, [](LedgerEntry& entry) {
    entry.usage = {};
    entry.cost = 0;
    entry.started = noon + minutes{1};
  }));
  ASSERT_TRUE(append(entries));
  for (const WallTime from : {noon, noon + milliseconds{1}, noon + minutes{14}, noon + hours{13}}) {
    for (const WallTime to : {from, from + milliseconds{1}, noon + hours{2} + minutes{21},
                              noon + hours{80}, noon + hours{24 * 9} + minutes{1}}) {
      std::int64_t expected = 0;
      for (std::uint32_t number = 0; number < 1'029; number += 2) {
        const WallTime started = noon + minutes{7 * number};
        expected += started >= from && started < to ? 1 : 0;
      }
      const auto all = store->charges(from, to).value();
      EXPECT_EQ(charge(all, alice), (std::pair{2 * expected, 3 * expected}));
      EXPECT_LE(all.size(), 2u);
    }
  }
}

TEST_P(ReportContract, RefusesMoreGroupsThanItMayAnswer) {
  std::vector<LedgerEntry> entries;
  for (std::uint32_t number = 0; number <= limits::usage_groups_max; ++number) {
    entries.push_back(made(number, alice,
                           [number](LedgerEntry& entry) { entry.started = noon + hours{number}; }));
  }
  ASSERT_TRUE(append(entries));
  EXPECT_EQ(failed(store->usage({.filter = {}, .bucket = Bucket::hour, .by = {}})),
            ErrorCode::request_too_large);
  EXPECT_EQ(failed(store->usage({.filter = {}, .bucket = Bucket::hour, .by = {GroupBy::key}})),
            ErrorCode::request_too_large);
  EXPECT_TRUE(store->usage({.filter = {.from = noon + hours{1}}, .bucket = Bucket::hour}));
  EXPECT_EQ(usage({}).size(), 1u);
}

void expect_same(const std::vector<core::UsageGroup>& groups,
                 const std::vector<core::UsageGroup>& expected) {
  ASSERT_EQ(groups.size(), expected.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    EXPECT_EQ(groups[i].bucket, expected[i].bucket);
    EXPECT_EQ(groups[i].names, expected[i].names);
    EXPECT_EQ(groups[i].sums, expected[i].sums);
  }
}

// Whatever is asked, the answer is that of the simplest store.
TEST_P(ReportContract, AnswersAsTheSimplestStoreDoes) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  const auto one_of = [&random](std::uint32_t count) {
    return static_cast<std::uint32_t>(random()) % count;
  };
  MemoryStore simple{clock};
  std::vector<KeyId> ids;
  for (int i = 0; i < 6; ++i) {
    core::NewKey key = named("key " + std::to_string(i));
    for (const char* tag : {"a", "b", "c"}) {
      if (one_of(3) == 0) key.tags.emplace_back(tag);
    }
    if (one_of(2) == 0) key.terms.tier = "gold";
    ids.push_back(create_one(*store, key).id);
  }
  for (const char* name : {"alice", "bob"}) create_one(simple, named(name));
  for (int i = 0; i < 6; ++i) {
    create_one(simple, store->find_key("uuid of key " + std::to_string(i)).value());
  }
  std::vector<LedgerEntry> entries;
  for (std::uint32_t number = 0; number < 400; ++number) {
    entries.push_back(made(number, ids[one_of(6)], [&](LedgerEntry& entry) {
      entry.started =
          noon + minutes{one_of(3 * 24 * 60)} + milliseconds{one_of(2) * one_of(60'000)};
      entry.delivery = static_cast<Delivery>(one_of(6));
      entry.status = one_of(3) == 0 ? 500 : 200;
      if (one_of(3) == 0) entry.served_model = {};
      entry.usage = {.input = one_of(9), .output = one_of(9), .is_estimated = one_of(4) == 0};
      entry.cost = one_of(5);
      entry.is_unpriced = one_of(5) == 0;
    }));
  }
  ASSERT_TRUE(append(entries));
  ASSERT_TRUE(simple.append(entries, {}));

  for (int round = 0; round < 200; ++round) {
    LedgerFilter filter;
    if (one_of(2) == 0) filter.from = noon + minutes{one_of(3 * 24 * 60)};
    if (one_of(2) == 0) filter.to = noon + minutes{one_of(3 * 24 * 60)};
    if (one_of(4) == 0) filter.keys = {ids[one_of(6)]};
    if (one_of(4) == 0) filter.keys.push_back(ids[one_of(6)]);
    if (one_of(4) == 0) filter.tag = "a";
    if (one_of(4) == 0) filter.tier = "gold";
    if (one_of(4) == 0) filter.model = "claude-sonnet-4-5";
    if (one_of(4) == 0) filter.delivery = static_cast<Delivery>(one_of(6));
    UsageQuery query{.filter = filter, .bucket = static_cast<Bucket>(one_of(3)), .by = {}};
    while (query.by.size() < 2 && one_of(3) != 0) {
      query.by.push_back(static_cast<GroupBy>(one_of(5)));
    }
    const auto groups = store->usage(query).value();
    const auto expected = simple.usage(query).value();
    expect_same(groups, expected);
    if (one_of(4) == 0) filter.status_class = 5;
    if (one_of(4) == 0) filter.is_estimated = one_of(2) == 0;
    if (one_of(4) == 0) filter.cost_min = one_of(5);
    const auto page = store->page_of_ledger(filter, {.after = {}, .rows_max = 1'000}).value();
    const auto simple_page =
        simple.page_of_ledger(filter, {.after = {}, .rows_max = 1'000}).value();
    ASSERT_EQ(page.rows.size(), simple_page.rows.size());
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      EXPECT_TRUE(same(page.rows[i].entry, simple_page.rows[i].entry));
    }
  }
}

}  // namespace
}  // namespace relay::store
