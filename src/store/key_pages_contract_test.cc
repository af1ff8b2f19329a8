#include "store/store_contract.h"

namespace relay::store {
namespace {

using core::ApiKey;
using core::KeyFilter;
using core::KeyOrder;
using core::KeySort;
using core::KeyStatus;
using core::Page;
using core::Window;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::chrono::milliseconds day = std::chrono::days{1};

struct KeyPagesContract : StoreContract {
  // All names, read page by page.
  std::vector<std::string> names(const KeyFilter& filter, KeySort sort = {},
                                 std::size_t rows_max = 2) {
    std::vector<std::string> found;
    core::PageRequest request{.after = {}, .rows_max = rows_max};
    do {
      const Page<ApiKey> page = store->page_of_keys(filter, sort, request).value();
      EXPECT_LE(page.rows.size(), rows_max);
      for (const ApiKey& key : page.rows) found.push_back(key.name);
      request.after = page.next;
    } while (!request.after.empty());
    return found;
  }
  core::KeyId with(const std::string& name, const std::function<void(core::NewKey&)>& set) {
    core::NewKey key = named(name);
    set(key);
    return create_one(*store, key).id;
  }
  void use(core::KeyId key, std::int64_t tokens, WallTime at = {}) {
    core::LedgerEntry used = entry(++entries_, key, {.input = tokens});
    used.started = at;
    used.cost = 1'000 * tokens;
    ASSERT_TRUE(append({used}));
  }

 private:
  std::uint32_t entries_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Every, KeyPagesContract, every_store(), name_of_store);

TEST_P(KeyPagesContract, ShowsEveryKeyOnceWhateverTheSizeOfAPage) {
  for (const char* name : {"a", "b", "c", "d", "e"}) create(name);
  for (std::size_t rows_max = 1; rows_max <= 6; ++rows_max) {
    EXPECT_THAT(names({}, {}, rows_max), ElementsAre("e", "d", "c", "b", "a")) << rows_max;
  }
}

TEST_P(KeyPagesContract, NeitherRepeatsNorShiftsWhenKeysComeMeanwhile) {
  for (const char* name : {"a", "b", "c"}) create(name);
  const auto first = store->page_of_keys({}, {}, {.after = {}, .rows_max = 2}).value();
  create("d");
  const auto second = store->page_of_keys({}, {}, {.after = first.next, .rows_max = 2}).value();
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_EQ(second.rows[0].name, "a");
  EXPECT_EQ(second.next, "");
}

// Whoever pastes it into a URL need not escape it; "+" would be a blank there.
TEST_P(KeyPagesContract, EndsAPageWithWhatIsPlainInAUrl) {
  for (const char* name : {"a+b", "c&d"}) create(name);
  for (const bool is_descending : {false, true}) {
    const KeySort sort{.order = KeyOrder::name, .is_descending = is_descending};
    const auto first = store->page_of_keys({}, sort, {.after = {}, .rows_max = 1}).value();
    EXPECT_THAT(first.next, testing::MatchesRegex("[-0-9A-Za-z._~]+"));
  }
}

TEST_P(KeyPagesContract, FindsAPartOfNameOwnerDescriptionAndPrefixInAnyCase) {
  with("Alpha", [](core::NewKey& key) { key.owner = "Team RED"; });
  with("beta", [](core::NewKey& key) { key.description = "for Alphabets"; });
  with("gamma", [](core::NewKey& key) { key.public_id = "XyZ0123456"; });
  EXPECT_THAT(names({.search = "alPHA"}), ElementsAre("beta", "Alpha"));
  EXPECT_THAT(names({.search = "team r"}), ElementsAre("Alpha"));
  EXPECT_THAT(names({.search = "sk-proxy-xyz"}), ElementsAre("gamma"));
  EXPECT_THAT(names({.search = "delta"}), IsEmpty());
}

TEST_P(KeyPagesContract, TakesWhatIsSearchedForByTheLetter) {
  for (const char* name : {"50%", "50 per cent", "a_b", "axb", "back\\slash", "it's", "ключ"}) {
    create(name);
  }
  EXPECT_THAT(names({.search = "0%"}), ElementsAre("50%"));
  EXPECT_THAT(names({.search = "a_b"}), ElementsAre("a_b"));
  EXPECT_THAT(names({.search = "k\\s"}), ElementsAre("back\\slash"));
  EXPECT_THAT(names({.search = "'"}), ElementsAre("it's"));
  EXPECT_THAT(names({.search = "' OR 1=1 --"}), IsEmpty());
  EXPECT_THAT(names({.search = "клю"}), ElementsAre("ключ"));
}

TEST_P(KeyPagesContract, FiltersByTagTierAndOwner) {
  with("a", [](core::NewKey& key) { key.tags = {"x", "y"}; });
  with("b", [](core::NewKey& key) { key.tags = {"y"}, key.terms.tier = "gold"; });
  with("c", [](core::NewKey& key) { key.owner = "me", key.terms.tier = "gold"; });
  EXPECT_THAT(names({.tag = "y"}), ElementsAre("b", "a"));
  EXPECT_THAT(names({.tag = "x"}), ElementsAre("a"));
  EXPECT_THAT(names({.tier = "gold"}), ElementsAre("c", "b"));
  EXPECT_THAT(names({.owner = "me"}), ElementsAre("c"));
  EXPECT_THAT(names({.tag = "y", .tier = "gold"}), ElementsAre("b"));
}

TEST_P(KeyPagesContract, FiltersByStatus) {
  const WallTime now = WallTime{100 * day};
  clock.set_wall(now);
  with("disabled", [](core::NewKey& key) { key.is_active = false; });
  with("expired", [&](core::NewKey& key) { key.terms.expires_at = now; });
  with("not yet", [&](core::NewKey& key) { key.terms.expires_at = now + day; });
  const auto begun = with("begun", [](core::NewKey& key) { key.terms.days_from_first_use = 3; });
  const auto over = with("over", [](core::NewKey& key) { key.terms.days_from_first_use = 3; });
  with("unused", [](core::NewKey& key) { key.terms.days_from_first_use = 1'000'000'000; });
  const auto used_up =
      with("used up", [](core::NewKey& key) { key.terms.token_limits[Window::total] = 40; });
  const auto spent =
      with("spent", [](core::NewKey& key) { key.terms.cost_limits[Window::total] = 40'000; });
  const auto some =
      with("some", [](core::NewKey& key) { key.terms.token_limits[Window::total] = 41; });
  use(begun, 1, now - 2 * day);
  use(over, 1, now - 3 * day);
  use(over, 1, now);
  for (const core::KeyId key : {used_up, spent, some}) use(key, 40);
  EXPECT_THAT(names({.status = KeyStatus::disabled}), ElementsAre("disabled"));
  EXPECT_THAT(names({.status = KeyStatus::expired}), UnorderedElementsAre("expired", "over"));
  EXPECT_THAT(names({.status = KeyStatus::exhausted}), UnorderedElementsAre("used up", "spent"));
  EXPECT_THAT(names({.status = KeyStatus::active}),
              UnorderedElementsAre("not yet", "begun", "unused", "some"));
}

TEST_P(KeyPagesContract, FindsKeysThatNobodyUses) {
  const auto lately = create("lately");
  const auto long_ago = create("long ago");
  create("never");
  use(lately, 1, WallTime{10 * day});
  use(long_ago, 1, WallTime{5 * day});
  EXPECT_THAT(names({.unused_since = WallTime{10 * day}}), ElementsAre("never", "long ago"));
  EXPECT_THAT(names({.unused_since = WallTime{5 * day}}), ElementsAre("never"));
}

TEST_P(KeyPagesContract, SortsInEveryOrder) {
  const WallTime start{100 * day};
  const auto a = with("b", [&](core::NewKey& key) {
    key.created_at = start;
    key.terms.expires_at = start + 9 * day;
  });
  with("A", [&](core::NewKey& key) { key.created_at = start + day; });
  const auto c = with("c", [&](core::NewKey& key) {
    key.created_at = start - day;
    key.terms.days_from_first_use = 1;
  });
  use(a, 5, start);
  use(c, 7, start - day);
  const auto order = [this](KeyOrder by, bool is_descending) {
    return names({}, {.order = by, .is_descending = is_descending}, 1);
  };
  EXPECT_THAT(order(KeyOrder::created, true), ElementsAre("A", "b", "c"));
  EXPECT_THAT(order(KeyOrder::created, false), ElementsAre("c", "b", "A"));
  EXPECT_THAT(order(KeyOrder::name, false), ElementsAre("A", "b", "c"));
  EXPECT_THAT(order(KeyOrder::name, true), ElementsAre("c", "b", "A"));
  EXPECT_THAT(order(KeyOrder::tokens_used, true), ElementsAre("c", "b", "A"));
  EXPECT_THAT(order(KeyOrder::cost_used, false), ElementsAre("A", "b", "c"));
  EXPECT_THAT(order(KeyOrder::last_used, true), ElementsAre("b", "c", "A"));
  EXPECT_THAT(order(KeyOrder::last_used, false), ElementsAre("A", "c", "b"));
  EXPECT_THAT(order(KeyOrder::expires, false), ElementsAre("c", "b", "A"));
  EXPECT_THAT(order(KeyOrder::expires, true), ElementsAre("A", "b", "c"));
}

TEST_P(KeyPagesContract, PagesThroughKeysOfOneName) {
  for (int i = 0; i < 5; ++i) {
    with("same " + std::to_string(i), [](core::NewKey& key) { key.name = "same"; });
  }
  EXPECT_EQ(names({}, {.order = KeyOrder::name}, 2).size(), 5u);
}

TEST_P(KeyPagesContract, RefusesACursorThatItHasNotGiven) {
  for (const char* name : {"a", "b"}) create(name);
  const auto first = store->page_of_keys({}, {}, {.after = {}, .rows_max = 1}).value();
  for (const std::string& cursor :
       {std::string{"x"}, std::string{"."}, first.next + "0", first.next.substr(1),
        first.next.substr(0, first.next.rfind('.')), std::string(10'000, '9'),
        std::string{"' OR 1=1"}}) {
    EXPECT_EQ(failed(store->page_of_keys({}, {}, {.after = cursor, .rows_max = 1})),
              ErrorCode::invalid_request)
        << cursor;
  }
  EXPECT_EQ(failed(store->page_of_keys({}, {.order = KeyOrder::name}, {.after = first.next})),
            ErrorCode::invalid_request);
  EXPECT_EQ(failed(store->page_of_audit({}, {.after = first.next})), ErrorCode::invalid_request);
}

}  // namespace
}  // namespace relay::store
