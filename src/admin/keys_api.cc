#include "admin/keys_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ranges>
#include <vector>

#include "admin/json_body.h"
#include "admin/key_json.h"
#include "admin/page_json.h"
#include "admin/parameters.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/find_tier.h"
#include "core/words.h"

namespace relay::admin {
namespace {

using core::ApiKey;

// The 190 random bits of a key need no slow hash; it is there for the pepper's sake. A single key
// gets one all the same. Hundreds at once would take half a minute of a processor that has
// exchanges to serve.
constexpr int batch_hash_cost = 4;

Secret give_secret(ApiKey& key, const core::Pepper& pepper, int hash_cost) {
  Secret text = core::generate_key();
  key.public_id = core::parse_key(text.reveal())->public_id;
  key.digest = pepper.digest(text.reveal());
  key.secret_hash = core::hash_secret(text.reveal(), hash_cost);
  return text;
}

core::AuditEntry audit_of_change(const Call& call, WallTime now, std::string_view action,
                                 const ApiKey& before, const ApiKey& after) {
  core::AuditEntry audit = audit_of(call, now, action, after.uuid, after.name);
  KeyDifference changed = difference(before, after);
  audit.before = std::move(changed.before);
  audit.after = std::move(changed.after);
  return audit;
}

core::AuditEntry audit_of_creation(const Call& call, const ApiKey& key) {
  core::AuditEntry audit = audit_of_change(call, key.created_at, "key.create", {}, key);
  audit.before.clear();
  return audit;
}

// "dev-007": as many digits as the last one has.
std::string numbered(const std::string& name, std::size_t number, std::size_t last) {
  std::string digits = std::to_string(number);
  digits.insert(0, std::to_string(last).size() - digits.size(), '0');
  return name + "-" + digits;
}

std::optional<core::KeyOrder> parse_order(std::string_view word) {
  constexpr std::array<std::string_view, 6> words = {"created",   "name",      "tokens_used",
                                                     "cost_used", "last_used", "expires"};
  return core::words::find<core::KeyOrder>(words, word);
}

std::optional<bool> parse_direction(std::string_view word) {
  if (word == "asc") return false;
  if (word == "desc") return true;
  return std::nullopt;
}

core::KeyFilter filter_of(Parameters& asked, WallTime now) {
  core::KeyFilter filter{.search = asked.text("search"),
                         .status = asked.word("status", "active, disabled, expired or exhausted",
                                              core::parse_key_status),
                         .tag = asked.text("tag"),
                         .tier = asked.text("tier"),
                         .owner = asked.text("owner")};
  if (count_code_points(filter.search) > limits::key_description_characters_max) {
    asked.refuse("search", fmt::format("a text of at most {} characters",
                                       limits::key_description_characters_max));
  }
  asked.refuse_empty("tier", "the name of a tier");
  const auto days = asked.count("unused_days", 0, limits::key_days_max);
  if (days) filter.unused_since = now - std::chrono::days{*days};
  return filter;
}

core::KeySort sort_of(Parameters& asked) {
  const auto order = asked.word(
      "sort", "created, name, tokens_used, cost_used, last_used or expires", parse_order);
  const auto is_descending = asked.word("order", "asc or desc", parse_direction);
  return {.order = order.value_or(core::KeyOrder::created),
          .is_descending = is_descending.value_or(true)};
}

}  // namespace

KeysApi::KeysApi(core::Store& store, const core::Pepper& pepper, const Clock& clock,
                 KeysChanged changed)
    : store_{store}, pepper_{pepper}, clock_{clock}, changed_{std::move(changed)} {
}

Result<void> KeysApi::check_tier(const std::string& tier) {
  if (tier.empty()) return {};
  const Result<std::vector<core::Tier>> tiers = store_.all_tiers();
  if (!tiers) return std::unexpected(tiers.error());
  if (core::find_tier(*tiers, tier) != nullptr) return {};
  const auto names = *tiers | std::views::transform(&core::Tier::name);
  return std::unexpected(bad_member(
      "rate_limit_tier", tiers->empty() ? "one of none: there is no tier"
                                        : fmt::format("one of {}", fmt::join(names, ", "))));
}

Result<Reply> KeysApi::create(const Call& call) {
  const WallTime now = clock_.wall();
  Result<ApiKey> key = parse_new_key(call.body, now);
  if (!key) return std::unexpected(key.error());
  const Result<void> tier = check_tier(key->terms.tier);
  if (!tier) return std::unexpected(tier.error());

  key->uuid = core::new_uuid();
  const Secret text = give_secret(*key, pepper_, core::secret_hash_cost);
  const core::AuditEntry audit = audit_of_creation(call, *key);
  const Result<std::vector<ApiKey>> created = store_.create_keys({&*key, 1}, {&audit, 1});
  if (!created) return std::unexpected(created.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return json_reply(201, key_json(created->front(), now, text.reveal()));
}

Result<Reply> KeysApi::create_several(const Call& call) {
  const WallTime now = clock_.wall();
  const Result<NewKeys> wanted = parse_new_keys(call.body, now);
  if (!wanted) return std::unexpected(wanted.error());
  const Result<void> tier = check_tier(wanted->key.terms.tier);
  if (!tier) return std::unexpected(tier.error());

  std::vector<ApiKey> keys(wanted->count, wanted->key);
  std::vector<Secret> secrets;
  std::vector<core::AuditEntry> audits;
  for (ApiKey& key : keys) {
    key.uuid = core::new_uuid();
    key.name = numbered(key.name, secrets.size() + 1, keys.size());
    secrets.push_back(give_secret(key, pepper_, batch_hash_cost));
    audits.push_back(audit_of_creation(call, key));
  }
  const Result<std::vector<ApiKey>> created = store_.create_keys(keys, audits);
  if (!created) return std::unexpected(created.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());

  JsonWriter json;
  json.begin_object().key("data").begin_list();
  for (std::size_t i = 0; i < created->size(); ++i) {
    write_key(json, (*created)[i], now, secrets[i].reveal());
  }
  json.end().end();
  return json_reply(201, json.take());
}

Result<Reply> KeysApi::list(const Call& call) {
  const WallTime now = clock_.wall();
  Parameters asked{call.head.query()};
  const core::KeyFilter filter = filter_of(asked, now);
  const core::KeySort sort = sort_of(asked);
  const core::PageRequest wanted = asked.page();
  const Result<void> sound = asked.finish();
  if (!sound) return std::unexpected(sound.error());
  if (asked.empty()) return list_all();

  const Result<core::Page<ApiKey>> page = store_.page_of_keys(filter, sort, wanted);
  if (!page) return std::unexpected(page.error());
  return json_reply(200, page_json(*page, [&](JsonWriter& json, const ApiKey& key) {
                      write_key(json, key, now);
                    }));
}

Result<Reply> KeysApi::list_all() {
  const Result<std::vector<ApiKey>> keys = store_.all_keys();
  if (!keys) return std::unexpected(keys.error());
  JsonWriter json;
  json.begin_list();
  for (const ApiKey& key : *keys) write_key(json, key, clock_.wall());
  json.end();
  return json_reply(200, json.take());
}

Result<Reply> KeysApi::show(const Call& call) {
  const Result<ApiKey> key = store_.find_key(call.object);
  if (!key) return std::unexpected(key.error());
  return json_reply(200, key_json(*key, clock_.wall()));
}

// Changes one key, with its audit, and says how it is now.
Result<Reply> KeysApi::change(const Call& call, std::string_view action, const Alter& alter,
                              std::string_view secret) {
  const WallTime now = clock_.wall();
  const auto altered = [&](ApiKey& key) -> Result<core::AuditEntry> {
    const ApiKey before = key;
    alter(key);
    return audit_of_change(call, now, action, before, key);
  };
  const Result<ApiKey> key = store_.update_key(call.object, altered);
  if (!key) return std::unexpected(key.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return json_reply(200, key_json(*key, now, secret));
}

Result<Reply> KeysApi::update(const Call& call) {
  const Result<KeyPatch> patch = parse_key_patch(call.body, clock_.wall());
  if (!patch) return std::unexpected(patch.error());
  ApiKey scratch;
  apply_patch(*patch, scratch);
  const Result<void> tier = check_tier(scratch.terms.tier);
  if (!tier) return std::unexpected(tier.error());
  return change(call, "key.update", [&](ApiKey& key) { apply_patch(*patch, key); });
}

Result<Reply> KeysApi::rotate(const Call& call) {
  constexpr std::array<std::string_view, 1> members = {"grace_seconds"};
  const Result<nlohmann::json> body = parse_object(call.body, members);
  if (!body) return std::unexpected(body.error());
  const auto asked = optional_count(*body, members[0].data(), 0,
                                    std::chrono::seconds{limits::key_grace_max}.count());
  if (!asked) return std::unexpected(asked.error());
  const std::chrono::seconds grace =
      *asked ? std::chrono::seconds{**asked} : std::chrono::seconds{limits::key_grace_default};
  ApiKey fresh;
  const Secret text = give_secret(fresh, pepper_, core::secret_hash_cost);
  const WallTime valid_until = clock_.wall() + grace;
  const auto replace_secret = [&](ApiKey& key) {
    key.former.reset();
    if (grace.count() > 0) {
      key.former = {key.public_id, key.secret_hash, key.digest, valid_until};
    }
    key.public_id = fresh.public_id;
    key.secret_hash = fresh.secret_hash;
    key.digest = fresh.digest;
  };
  return change(call, "key.rotate", replace_secret, text.reveal());
}

Result<Reply> KeysApi::disable(const Call& call) {
  return change(call, "key.disable", [](ApiKey& key) { key.is_active = false; });
}

Result<Reply> KeysApi::enable(const Call& call) {
  return change(call, "key.enable", [](ApiKey& key) { key.is_active = true; });
}

Result<Reply> KeysApi::remove(const Call& call) {
  const Result<ApiKey> key = store_.find_key(call.object);
  if (!key) return std::unexpected(key.error());
  core::AuditEntry audit = audit_of_change(call, clock_.wall(), "key.delete", *key, {});
  audit.object = key->uuid;
  audit.name = key->name;
  audit.after.clear();
  const Result<void> removed = store_.delete_key(call.object, audit);
  if (!removed) return std::unexpected(removed.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return empty_reply();
}

}  // namespace relay::admin
