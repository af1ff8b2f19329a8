// Tiers, admin tokens, settings and the audit.
#include "store/store_contract.h"

namespace relay::store {
namespace {

using core::AdminToken;
using core::AuditEntry;
using core::AuditFilter;
using core::Tier;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WallTime at(std::int64_t milliseconds) {
  return WallTime{std::chrono::milliseconds{milliseconds}};
}

struct SettingsContract : StoreContract {
  std::vector<std::string> objects(const AuditFilter& filter = {}, std::size_t rows_max = 2) {
    std::vector<std::string> found;
    core::PageRequest request{.after = {}, .rows_max = rows_max};
    do {
      const auto page = store->page_of_audit(filter, request).value();
      for (const AuditEntry& entry : page.rows) found.push_back(entry.object);
      request.after = page.next;
    } while (!request.after.empty());
    return found;
  }
  Result<void> put(const std::string& name) {
    return store->put_tier({.name = name, .requests = 1}, audit("tier.put", name));
  }
};
INSTANTIATE_TEST_SUITE_P(Every, SettingsContract, every_store(), name_of_store);

TEST_P(SettingsContract, KeepsEveryMemberOfATier) {
  const Tier gold{.name = "gold",
                  .requests = 100,
                  .period = std::chrono::milliseconds{1'500},
                  .tokens_per_minute = 40'000,
                  .count_tokens_requests = 7,
                  .is_configured = true};
  ASSERT_TRUE(store->put_tier(gold, audit("tier.put", "gold")));
  ASSERT_TRUE(put("basic"));
  const auto tiers = store->all_tiers().value();
  ASSERT_EQ(tiers.size(), 2u);
  EXPECT_EQ(tiers[0].name, "basic");
  EXPECT_EQ(tiers[1], gold);

  Tier changed = gold;
  changed.requests = 1;
  changed.is_configured = false;
  ASSERT_TRUE(store->put_tier(changed, audit("tier.put", "gold")));
  EXPECT_EQ(store->all_tiers().value().at(1), changed);
  EXPECT_THAT(objects(), ElementsAre("gold", "basic", "gold"));
}

TEST_P(SettingsContract, DeletesATierThatNoKeyNames) {
  ASSERT_TRUE(put("gold"));
  core::NewKey key = named("alice");
  key.terms.tier = "gold";
  create_one(*store, key);
  EXPECT_EQ(failed(store->delete_tier("gold", audit("tier.delete", "gold"))), ErrorCode::conflict);
  EXPECT_EQ(failed(store->delete_tier("none", audit("tier.delete", "none"))), ErrorCode::not_found);
  ASSERT_TRUE(store->delete_key(key.uuid, audit("key.delete", "alice")));
  EXPECT_TRUE(store->delete_tier("gold", audit("tier.delete", "gold")));
  EXPECT_THAT(store->all_tiers().value(), IsEmpty());
  EXPECT_THAT(objects({.action = "tier.delete"}), ElementsAre("gold"));
}

TEST_P(SettingsContract, KeepsAdminTokensNewestFirst) {
  const AdminToken first{.uuid = "1",
                         .name = "ci",
                         .digest = {7, 8},
                         .created_at = at(5),
                         .expires_at = at(50),
                         .last_used_at = {}};
  AdminToken second{.uuid = "2", .name = "ops", .created_at = at(4)};
  ASSERT_TRUE(store->create_admin_token(first, audit("token.create", "1")));
  ASSERT_TRUE(store->create_admin_token(second, audit("token.create", "2")));
  EXPECT_EQ(failed(store->create_admin_token(first, audit("token.create", "1"))),
            ErrorCode::conflict);
  ASSERT_TRUE(store->touch_admin_token("2", at(9)));

  const auto tokens = store->all_admin_tokens().value();
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].uuid, "2");
  EXPECT_EQ(tokens[0].expires_at, std::nullopt);
  EXPECT_EQ(tokens[0].last_used_at, at(9));
  EXPECT_EQ(tokens[1].name, "ci");
  EXPECT_EQ(tokens[1].digest, first.digest);
  EXPECT_EQ(tokens[1].created_at, at(5));
  EXPECT_EQ(tokens[1].expires_at, at(50));
  EXPECT_EQ(tokens[1].last_used_at, std::nullopt);

  EXPECT_TRUE(store->delete_admin_token("1", audit("token.delete", "1")));
  EXPECT_EQ(failed(store->delete_admin_token("1", audit("token.delete", "1"))),
            ErrorCode::not_found);
  EXPECT_EQ(failed(store->touch_admin_token("1", at(9))), ErrorCode::not_found);
  EXPECT_EQ(store->all_admin_tokens().value().size(), 1u);
  EXPECT_THAT(objects(), ElementsAre("1", "2", "1"));
}

TEST_P(SettingsContract, KeepsSettings) {
  EXPECT_EQ(store->find_setting("pepper").value(), std::nullopt);
  ASSERT_TRUE(store->set_setting("pepper", "one"));
  ASSERT_TRUE(store->set_setting("admin epoch", "1"));
  ASSERT_TRUE(store->set_setting("pepper", "two", audit("setting.put", "pepper")));
  EXPECT_EQ(store->find_setting("pepper").value(), "two");
  EXPECT_EQ(store->find_setting("admin epoch").value(), "1");
  EXPECT_THAT(objects(), ElementsAre("pepper"));
}

// So that of two who have read one value, one changes what the other has made of it.
TEST_P(SettingsContract, ReplacesASettingThatIsStillTheKnownOne) {
  const auto replace = [this](const std::optional<std::string>& known, const std::string& value) {
    return store->replace_setting("prices", known, value, audit("setting.put", value));
  };
  EXPECT_EQ(failed(replace("one", "none there")), ErrorCode::conflict);
  EXPECT_TRUE(replace(std::nullopt, "one"));
  EXPECT_EQ(failed(replace(std::nullopt, "other")), ErrorCode::conflict);
  EXPECT_TRUE(replace("one", "two"));
  EXPECT_EQ(failed(replace("one", "other")), ErrorCode::conflict);
  EXPECT_EQ(store->find_setting("prices").value(), "two");
  EXPECT_THAT(objects(), ElementsAre("two", "one"));
}

TEST_P(SettingsContract, KeepsEveryMemberOfAnAuditEntry) {
  const AuditEntry written = audit("key.update", "object");
  ASSERT_TRUE(store->append_audit(written));
  const AuditEntry kept = store->page_of_audit({}, {}).value().rows.at(0);
  EXPECT_EQ(kept.at, written.at);
  EXPECT_EQ(kept.actor, written.actor);
  EXPECT_EQ(kept.from, written.from);
  EXPECT_EQ(kept.action, written.action);
  EXPECT_EQ(kept.object, written.object);
  EXPECT_EQ(kept.name, written.name);
  EXPECT_EQ(kept.before, written.before);
  EXPECT_EQ(kept.after, written.after);
}

TEST_P(SettingsContract, ShowsTheAuditNewestFirst) {
  for (const char* object : {"1", "2", "3", "4", "5"}) {
    ASSERT_TRUE(store->append_audit(audit("key.update", object)));
  }
  for (std::size_t rows_max = 1; rows_max <= 6; ++rows_max) {
    EXPECT_THAT(objects({}, rows_max), ElementsAre("5", "4", "3", "2", "1"));
  }
  const auto page = store->page_of_audit({}, {}).value();
  EXPECT_GT(page.rows[0].id, page.rows[1].id);
}

TEST_P(SettingsContract, FiltersTheAudit) {
  std::int64_t time = 0;
  for (const char* action : {"key.create", "key.delete", "keyring", "tier.put"}) {
    AuditEntry entry = audit(action, action);
    entry.at = at(++time);
    if (time == 2) entry.actor = "token ci";
    ASSERT_TRUE(store->append_audit(entry));
  }
  EXPECT_THAT(objects({.action = "key."}), ElementsAre("key.delete", "key.create"));
  EXPECT_THAT(objects({.action = "key.create"}), ElementsAre("key.create"));
  EXPECT_THAT(objects({.action = "key_create"}), IsEmpty());
  EXPECT_THAT(objects({.object = "keyring"}), ElementsAre("keyring"));
  EXPECT_THAT(objects({.actor = "token ci"}), ElementsAre("key.delete"));
  EXPECT_THAT(objects({.from = at(2), .to = at(4)}), ElementsAre("keyring", "key.delete"));
}

}  // namespace
}  // namespace relay::store
