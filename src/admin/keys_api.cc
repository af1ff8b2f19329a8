#include "admin/keys_api.h"

#include <nlohmann/json.hpp>

#include "admin/key_json.h"

namespace relay::admin {

using nlohmann::json;

KeysApi::KeysApi(core::Store& store, const core::Pepper& pepper, const Clock& clock,
                 KeysChanged changed)
    : store_{store}, pepper_{pepper}, clock_{clock}, changed_{std::move(changed)} {
}

Result<Reply> KeysApi::create(const Call& call) {
  Result<core::ApiKey> key = parse_new_key(call.body, clock_.wall());
  if (!key) return std::unexpected(key.error());

  const Secret text = core::generate_key();
  key->uuid = core::new_uuid();
  key->public_id = core::parse_key(text.reveal())->public_id;
  key->digest = pepper_.digest(text.reveal());
  key->secret_hash = core::hash_secret(text.reveal());
  const Result<core::ApiKey> created = store_.create_key(*key);
  if (!created) return std::unexpected(created.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());

  json shown = key_json(*created);
  shown["api_key"] = text.reveal();
  return json_reply(201, shown.dump());
}

Result<Reply> KeysApi::list(const Call&) {
  const Result<std::vector<core::ApiKey>> keys = store_.all_keys();
  if (!keys) return std::unexpected(keys.error());
  json shown = json::array();
  for (const core::ApiKey& key : *keys) shown.push_back(key_json(key));
  return json_reply(200, shown.dump());
}

Result<Reply> KeysApi::show(std::string_view uuid) {
  const Result<core::ApiKey> key = store_.find_key(uuid);
  if (!key) return std::unexpected(key.error());
  return json_reply(200, key_json(*key).dump());
}

Result<Reply> KeysApi::set_active(std::string_view uuid, bool is_active) {
  const Result<core::ApiKey> key = store_.set_key_active(uuid, is_active);
  if (!key) return std::unexpected(key.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return json_reply(200, key_json(*key).dump());
}

Result<Reply> KeysApi::remove(std::string_view uuid) {
  const Result<void> removed = store_.delete_key(uuid);
  if (!removed) return std::unexpected(removed.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return empty_reply();
}

}  // namespace relay::admin
