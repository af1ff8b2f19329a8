#include <thread>

#include "store/store_contract.h"

namespace relay::store {
namespace {

using core::ApiKey;
using core::AuditEntry;
using core::KeyId;
using core::Window;
using testing::ElementsAre;
using testing::IsEmpty;

// Every member is set to something of its own.
core::NewKey full_key(const std::string& name) {
  core::NewKey key = named(name);
  key.description = "for tests";
  key.owner = "team a";
  key.tags = {"z first", "a second", "中文, \"quoted\""};
  std::int64_t limit = 1'000'000'000'000;
  for (const Window window : core::every_window) {
    key.terms.token_limits[window] = ++limit;
    key.terms.cost_limits[window] = ++limit;
  }
  key.terms.tier = "gold";
  key.terms.concurrency = 3;
  key.terms.models = {"claude-haiku-*", "claude-opus-4-1"};
  key.terms.addresses = {parse_address_range("10.0.0.0/8").value(),
                         parse_address_range("2001:db8::1").value()};
  key.terms.domains = {"example.com", "*.example.com"};
  key.terms.expires_at = key.created_at + std::chrono::hours{24};
  key.terms.days_from_first_use = 30;
  key.terms.on_abort = core::OnAbort::drain;
  key.terms.hold = core::HoldPolicy::strict;
  key.is_active = false;
  key.former = core::FormerSecret{.public_id = "former of " + name,
                                  .secret_hash = "former hash",
                                  .digest = {4, 5, 6},
                                  .valid_until = key.created_at + std::chrono::hours{1}};
  return key;
}

bool same(const core::FormerSecret& a, const core::FormerSecret& b) {
  return a.public_id == b.public_id && a.secret_hash == b.secret_hash && a.digest == b.digest &&
         a.valid_until == b.valid_until;
}

// But for `id` and what the ledger says.
bool same(const ApiKey& a, const ApiKey& b) {
  return a.uuid == b.uuid && a.public_id == b.public_id && a.secret_hash == b.secret_hash &&
         a.digest == b.digest && a.name == b.name && a.description == b.description &&
         a.owner == b.owner && a.tags == b.tags && a.terms == b.terms &&
         a.is_active == b.is_active && a.created_at == b.created_at &&
         a.former.has_value() == b.former.has_value() && (!a.former || same(*a.former, *b.former));
}

core::KeyChange renamed(const std::string& name) {
  return [name](ApiKey& key) -> Result<AuditEntry> {
    key.name = name;
    return audit("key.update", key.uuid);
  };
}

struct KeyContract : StoreContract {
  std::vector<std::string> actions() {
    std::vector<std::string> found;
    const core::Page<AuditEntry> page = store->page_of_audit({}, {}).value();
    for (const AuditEntry& entry : page.rows) found.push_back(entry.action);
    return found;
  }
  Result<void> remove(const std::string& name) {
    return store->delete_key("uuid of " + name, audit("key.delete", "uuid of " + name));
  }
};
INSTANTIATE_TEST_SUITE_P(Every, KeyContract, every_store(), name_of_store);

TEST_P(KeyContract, KeepsEveryMemberOfAKey) {
  const core::NewKey key = full_key("alice");
  EXPECT_TRUE(same(create_one(*store, key), key));
  EXPECT_TRUE(same(find("alice"), key));
  EXPECT_TRUE(same(keys().at(0), key));
  EXPECT_EQ(find("alice").tokens_used, 0);
  EXPECT_EQ(find("alice").cost_used, 0);
  EXPECT_EQ(find("alice").first_used_at, std::nullopt);
  EXPECT_EQ(find("alice").last_used_at, std::nullopt);
}

TEST_P(KeyContract, KeepsAbsentTermsAbsent) {
  create("alice");
  EXPECT_EQ(find("alice").terms, core::KeyTerms{});
  EXPECT_THAT(find("alice").tags, IsEmpty());
  EXPECT_EQ(find("alice").former.has_value(), false);
}

TEST_P(KeyContract, KeepsNamesOfAllScripts) {
  using namespace std::string_literals;
  for (const std::string& name :
       {"中文密钥"s, "ключ"s, "مفتاح"s, "🔑 \"quoted\" 'or' 1=1; --"s, "a\nb\tc"s, ""s}) {
    create(name);
    EXPECT_EQ(find(name).name, name);
  }
}

TEST_P(KeyContract, ListsKeysNewestFirst) {
  EXPECT_THAT(keys(), IsEmpty());
  for (const char* name : {"alice", "bob", "carol"}) create(name);
  std::vector<std::string> names;
  for (const ApiKey& key : keys()) names.push_back(key.name);
  EXPECT_THAT(names, ElementsAre("carol", "bob", "alice"));
}

TEST_P(KeyContract, RefusesASecondKeyWithTheSameUuidOrPublicId) {
  create("alice");
  core::NewKey same_uuid = named("bob");
  same_uuid.uuid = "uuid of alice";
  EXPECT_EQ(failed(store->create_keys({&same_uuid, 1}, {})), ErrorCode::conflict);
  core::NewKey same_public_id = named("bob");
  same_public_id.public_id = "id of alice";
  EXPECT_EQ(failed(store->create_keys({&same_public_id, 1}, {})), ErrorCode::conflict);
  EXPECT_EQ(keys().size(), 1u);
}

TEST_P(KeyContract, CreatesAllOfABatchOrNone) {
  const std::vector<core::NewKey> batch = {named("alice"), named("bob"), named("alice")};
  const std::vector audits = {audit("key.create", "alice"), audit("key.create", "bob")};
  EXPECT_EQ(failed(store->create_keys(batch, audits)), ErrorCode::conflict);
  EXPECT_THAT(keys(), IsEmpty());
  EXPECT_THAT(actions(), IsEmpty());

  const auto created = store->create_keys(std::span{batch}.first(2), audits).value();
  ASSERT_EQ(created.size(), 2u);
  EXPECT_EQ(created[0].name, "alice");
  EXPECT_NE(created[0].id, created[1].id);
  EXPECT_EQ(keys().size(), 2u);
  EXPECT_THAT(actions(), ElementsAre("key.create", "key.create"));
}

TEST_P(KeyContract, ChangesEveryMemberOfAKey) {
  create("alice");
  core::NewKey changed = full_key("alice");
  changed.public_id = "new id";
  changed.secret_hash = "new hash";
  changed.digest = {9};
  const ApiKey after = store
                           ->update_key("uuid of alice",
                                        [&](ApiKey& key) -> Result<AuditEntry> {
                                          const KeyId id = key.id;
                                          key = changed;
                                          key.id = id;
                                          return audit("key.update", key.uuid);
                                        })
                           .value();
  EXPECT_TRUE(same(after, changed));
  EXPECT_TRUE(same(find("alice"), changed));
  EXPECT_THAT(actions(), ElementsAre("key.update", "key.create"));

  EXPECT_TRUE(store->update_key("uuid of alice", [](ApiKey& key) -> Result<AuditEntry> {
    key.tags = {"other"};
    key.terms = {};
    key.former.reset();
    return audit("key.update", key.uuid);
  }));
  EXPECT_THAT(find("alice").tags, ElementsAre("other"));
  EXPECT_EQ(find("alice").terms, core::KeyTerms{});
  EXPECT_FALSE(find("alice").former.has_value());
}

TEST_P(KeyContract, ShowsAChangeWhatTheKeyHasUsed) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 40})}));
  core::TokenCount seen = 0;
  const auto look = [&seen](ApiKey& shown) -> Result<AuditEntry> {
    seen = shown.tokens_used;
    return audit("key.update", shown.uuid);
  };
  const ApiKey after = store->update_key("uuid of alice", look).value();
  EXPECT_EQ(seen, 40);
  EXPECT_EQ(after.tokens_used, 40);
}

TEST_P(KeyContract, ChangesNothingWhenAChangeFails) {
  create("alice");
  const auto refuse = [](ApiKey& key) -> Result<AuditEntry> {
    key.name = "mallory";
    return std::unexpected(Error{.code = ErrorCode::forbidden, .origin = Origin::client});
  };
  EXPECT_EQ(failed(store->update_key("uuid of alice", refuse)), ErrorCode::forbidden);
  EXPECT_EQ(find("alice").name, "alice");
  EXPECT_THAT(actions(), ElementsAre("key.create"));
}

TEST_P(KeyContract, RefusesToChangeAPublicIdToOneThatIsTaken) {
  create("alice");
  create("bob");
  const auto steal = [](ApiKey& key) -> Result<AuditEntry> {
    key.public_id = "id of alice";
    return audit("key.update", key.uuid);
  };
  EXPECT_EQ(failed(store->update_key("uuid of bob", steal)), ErrorCode::conflict);
  EXPECT_EQ(find("bob").public_id, "id of bob");
}

TEST_P(KeyContract, LosesNoneOfManyChangesAtOnce) {
  create("alice");
  const auto lengthen = [this] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(store->update_key("uuid of alice", [](ApiKey& key) -> Result<AuditEntry> {
        key.description += "x";
        return audit("key.update", key.uuid);
      }));
    }
  };
  std::jthread one{lengthen};
  std::jthread two{lengthen};
  one.join();
  two.join();
  EXPECT_EQ(find("alice").description.size(), 100u);
}

TEST_P(KeyContract, ReplacesTheDigestOfAKey) {
  const KeyId key = create("alice");
  const core::KeyDigest digest = {9, 8, 7};
  EXPECT_TRUE(store->set_key_digest(key, digest));
  EXPECT_EQ(find("alice").digest, digest);
}

TEST_P(KeyContract, DoesNotFindWhatWasNeverThere) {
  EXPECT_EQ(failed(store->find_key("nobody")), ErrorCode::not_found);
  EXPECT_EQ(failed(store->update_key("nobody", renamed("x"))), ErrorCode::not_found);
  EXPECT_EQ(failed(remove("nobody")), ErrorCode::not_found);
  EXPECT_EQ(failed(store->set_key_digest(KeyId{99}, {})), ErrorCode::not_found);
  EXPECT_THAT(actions(), IsEmpty());
}

TEST_P(KeyContract, HidesADeletedKeyButKeepsWhatItUsed) {
  const KeyId key = create("alice");
  ASSERT_TRUE(append({entry(1, key, {.input = 40})}));
  EXPECT_TRUE(remove("alice"));
  EXPECT_EQ(failed(store->find_key("uuid of alice")), ErrorCode::not_found);
  EXPECT_EQ(failed(store->update_key("uuid of alice", renamed("x"))), ErrorCode::not_found);
  EXPECT_EQ(failed(store->set_key_digest(key, {})), ErrorCode::not_found);
  EXPECT_EQ(failed(remove("alice")), ErrorCode::not_found);
  EXPECT_THAT(keys(), IsEmpty());
  EXPECT_THAT(store->page_of_keys({}, {}, {}).value().rows, IsEmpty());
  EXPECT_EQ(totals(key).usage.input, 40);
  EXPECT_EQ(store->ledger_id_of("uuid of alice").value(), key);
  EXPECT_EQ(failed(store->ledger_id_of("uuid of bob")), ErrorCode::not_found);
  EXPECT_THAT(actions(), ElementsAre("key.delete", "key.create"));
}

TEST_P(KeyContract, NeverGivesTheIdOfADeletedKeyToAnother) {
  const KeyId first = create("alice");
  ASSERT_TRUE(remove("alice"));
  EXPECT_NE(create("bob"), first);
}

}  // namespace
}  // namespace relay::store
