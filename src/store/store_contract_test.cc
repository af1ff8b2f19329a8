// What every Store promises. A new adapter adds one line at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using core::ApiKey;
using core::Delivery;
using core::JournalPosition;
using core::KeyId;
using core::LedgerEntry;
using core::Store;
using core::Usage;
using core::UsageTotals;
using testing::ElementsAre;
using testing::IsEmpty;

using Open = std::unique_ptr<Store> (*)(const std::filesystem::path&, const Clock&);

struct StoreContract : testing::TestWithParam<Open> {
  TemporaryDirectory directory;
  ManualClock clock;
  std::unique_ptr<Store> store = GetParam()(directory.path() / "relay.db", clock);

  KeyId create(const std::string& name) { return store->create_key(named(name)).value().id; }
  Result<void> append(std::vector<LedgerEntry> entries,
                      std::vector<JournalPosition> positions = {}) {
    return store->append(entries, positions);
  }
  std::vector<ApiKey> keys() { return store->all_keys().value(); }
  std::vector<JournalPosition> positions() { return store->journal_positions().value(); }
  UsageTotals totals(KeyId key) { return store->usage_totals(key).value(); }
  ErrorCode failed(const auto& result) { return result.error().code; }
};

TEST_P(StoreContract, KeepsEveryMemberOfAKey) {
  core::NewKey key = named("alice");
  key.description = "for tests";
  key.terms.token_limits[core::Window::total] = 1'000'000'000'000;
  key.terms.tier = "gold";
  key.is_active = false;
  key.terms.expires_at = key.created_at + std::chrono::hours{24};
  ASSERT_TRUE(store->create_key(key));

  const ApiKey kept = store->find_key(key.uuid).value();
  EXPECT_EQ(kept.uuid, key.uuid);
  EXPECT_EQ(kept.public_id, key.public_id);
  EXPECT_EQ(kept.secret_hash, key.secret_hash);
  EXPECT_EQ(kept.digest, key.digest);
  EXPECT_EQ(kept.name, key.name);
  EXPECT_EQ(kept.description, key.description);
  EXPECT_EQ(kept.terms.token_limits[core::Window::total],
            key.terms.token_limits[core::Window::total]);
  EXPECT_EQ(kept.terms.tier, key.terms.tier);
  EXPECT_FALSE(kept.is_active);
  EXPECT_EQ(kept.created_at, key.created_at);
  EXPECT_EQ(kept.terms.expires_at, key.terms.expires_at);
  EXPECT_EQ(kept.tokens_used, 0);
}

TEST_P(StoreContract, KeepsAnAbsentLimitAndExpiryAbsent) {
  create("alice");
  const ApiKey kept = store->find_key("uuid of alice").value();
  EXPECT_EQ(kept.terms.token_limits[core::Window::total], std::nullopt);
  EXPECT_EQ(kept.terms.expires_at, std::nullopt);
}

TEST_P(StoreContract, KeepsNamesOfAllScripts) {
  using namespace std::string_literals;
  for (const std::string& name :
       {"中文密钥"s, "ключ"s, "مفتاح"s, "🔑 \"quoted\" 'or' 1=1; --"s, "a\nb\tc"s, ""s}) {
    create(name);
    EXPECT_EQ(store->find_key("uuid of " + name).value().name, name);
  }
}

TEST_P(StoreContract, ListsKeysNewestFirst) {
  EXPECT_THAT(keys(), IsEmpty());
  for (const char* name : {"alice", "bob", "carol"}) create(name);
  std::vector<std::string> names;
  for (const ApiKey& key : keys()) names.push_back(key.name);
  EXPECT_THAT(names, ElementsAre("carol", "bob", "alice"));
}

TEST_P(StoreContract, RefusesASecondKeyWithTheSameUuidOrPublicId) {
  create("alice");
  core::NewKey same_uuid = named("bob");
  same_uuid.uuid = "uuid of alice";
  EXPECT_EQ(failed(store->create_key(same_uuid)), ErrorCode::conflict);
  core::NewKey same_public_id = named("bob");
  same_public_id.public_id = "id of alice";
  EXPECT_EQ(failed(store->create_key(same_public_id)), ErrorCode::conflict);
  EXPECT_EQ(keys().size(), 1u);
}

TEST_P(StoreContract, SwitchesAKeyOffAndOn) {
  create("alice");
  EXPECT_FALSE(store->set_key_active("uuid of alice", false).value().is_active);
  EXPECT_FALSE(store->find_key("uuid of alice").value().is_active);
  EXPECT_TRUE(store->set_key_active("uuid of alice", true).value().is_active);
  EXPECT_TRUE(store->find_key("uuid of alice").value().is_active);
}

TEST_P(StoreContract, ReplacesTheDigestOfAKey) {
  const KeyId key = create("alice");
  const core::KeyDigest digest = {9, 8, 7};
  EXPECT_TRUE(store->set_key_digest(key, digest));
  EXPECT_EQ(store->find_key("uuid of alice").value().digest, digest);
}

TEST_P(StoreContract, DoesNotFindWhatWasNeverThere) {
  EXPECT_EQ(failed(store->find_key("nobody")), ErrorCode::not_found);
  EXPECT_EQ(failed(store->set_key_active("nobody", true)), ErrorCode::not_found);
  EXPECT_EQ(failed(store->delete_key("nobody")), ErrorCode::not_found);
  EXPECT_EQ(failed(store->set_key_digest(KeyId{99}, {})), ErrorCode::not_found);
}

TEST_P(StoreContract, HidesADeletedKeyButKeepsWhatItUsed) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 40})}));
  EXPECT_TRUE(store->delete_key("uuid of alice"));
  EXPECT_EQ(failed(store->find_key("uuid of alice")), ErrorCode::not_found);
  EXPECT_EQ(failed(store->set_key_active("uuid of alice", true)), ErrorCode::not_found);
  EXPECT_EQ(failed(store->set_key_digest(key, {})), ErrorCode::not_found);
  EXPECT_EQ(failed(store->delete_key("uuid of alice")), ErrorCode::not_found);
  EXPECT_THAT(keys(), IsEmpty());
  EXPECT_EQ(totals(key).usage.input, 40);
}

TEST_P(StoreContract, NeverGivesTheIdOfADeletedKeyToAnother) {
  const KeyId first = create("alice");
  ASSERT_TRUE(store->delete_key("uuid of alice"));
  EXPECT_NE(create("bob"), first);
}

TEST_P(StoreContract, ChargesEveryKindOfUsageToItsKey) {
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

TEST_P(StoreContract, OwesNothingToAKeyThatWasNeverUsed) {
  EXPECT_EQ(totals(create("alice")).usage, Usage{});
  EXPECT_EQ(totals(KeyId{99}).requests, 0);
}

TEST_P(StoreContract, ChargesAnAttemptOnceHoweverOftenItIsAppended) {
  const KeyId key = create("alice");
  const LedgerEntry first = entry(1, key, {.input = 40});
  ASSERT_TRUE(append({first}));
  ASSERT_TRUE(append({first, entry(2, key, {.input = 2}), first}));
  ASSERT_TRUE(append({entry(2, key, {.input = 2})}));
  EXPECT_EQ(totals(key).usage.input, 42);
  EXPECT_EQ(totals(key).requests, 2);
}

TEST_P(StoreContract, KeepsTheFirstOfTwoEntriesForOneAttempt) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 40})}));
  ASSERT_TRUE(append({entry(1, key, {.input = 1'000})}));
  EXPECT_EQ(totals(key).usage.input, 40);
}

TEST_P(StoreContract, ChargesNothingForARefusedExchange) {
  const KeyId key = create("alice");
  LedgerEntry refused = entry(1, key, {.input = 40, .is_estimated = true});
  refused.delivery = Delivery::refused;
  ASSERT_TRUE(append({refused}));
  EXPECT_EQ(totals(key).usage, Usage{});
  EXPECT_EQ(totals(key).requests, 0);
}

TEST_P(StoreContract, SaysThatATotalIsEstimatedWhenAPartOfItIs) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 1})}));
  EXPECT_FALSE(totals(key).usage.is_estimated);
  ASSERT_TRUE(append({entry(2, key, {.input = 1, .is_estimated = true})}));
  EXPECT_TRUE(totals(key).usage.is_estimated);
}

// A batch that cannot be stored would hold up all that follow it.
TEST_P(StoreContract, RecordsWhatAnUnknownKeyUsed) {
  ASSERT_TRUE(append({entry(1, KeyId{99}, {.input = 40})}));
  EXPECT_EQ(totals(KeyId{99}).usage.input, 40);
}

TEST_P(StoreContract, KeepsTheFurthestPositionOfEachJournal) {
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

TEST_P(StoreContract, KeepsSettings) {
  EXPECT_EQ(store->find_setting("pepper").value(), std::nullopt);
  ASSERT_TRUE(store->set_setting("pepper", "one"));
  ASSERT_TRUE(store->set_setting("admin epoch", "1"));
  ASSERT_TRUE(store->set_setting("pepper", "two"));
  EXPECT_EQ(store->find_setting("pepper").value(), "two");
  EXPECT_EQ(store->find_setting("admin epoch").value(), "1");
}

// A reader sees a batch whole or not at all, so the key's sum never stands between two batches.
TEST_P(StoreContract, ShowsReadersWholeBatches) {
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

TEST_P(StoreContract, ChargesOnceWhenTwoThreadsAppendTheSame) {
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

std::unique_ptr<Store> open_memory_store(const std::filesystem::path&, const Clock&) {
  return std::make_unique<MemoryStore>();
}
std::unique_ptr<Store> open_sqlite_store(const std::filesystem::path& path, const Clock& clock) {
  return SqliteStore::open(path, clock).value();
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(open_memory_store));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(open_sqlite_store));

}  // namespace
}  // namespace relay::store
