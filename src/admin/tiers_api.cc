#include "admin/tiers_api.h"

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "admin/json_body.h"
#include "admin/json_writer.h"
#include "admin/key_rules.h"
#include "base/limits.h"
#include "core/find_tier.h"

namespace relay::admin {
namespace {

using core::Tier;

void write_tier(JsonWriter& json, const Tier& tier) {
  const auto or_null = [](std::int64_t limit) {
    return limit == 0 ? std::nullopt : std::optional{limit};
  };
  json.begin_object()
      .member("name", tier.name)
      .member("requests", or_null(tier.requests))
      .member("period_seconds", std::chrono::ceil<std::chrono::seconds>(tier.period).count())
      .member("tokens_per_minute", or_null(tier.tokens_per_minute))
      .member("count_tokens_requests", or_null(tier.count_tokens_requests))
      .member("is_configured", tier.is_configured)
      .end();
}

std::string tier_json(const Tier& tier) {
  JsonWriter json;
  write_tier(json, tier);
  return json.take();
}

Result<Tier> parse_tier(std::string_view name, std::string_view text) {
  if (!is_tier_name(name)) {
    return std::unexpected(bad_request(std::string{tier_name_rule}));
  }
  constexpr std::array<std::string_view, 4> members = {
      "requests", "period_seconds", "tokens_per_minute", "count_tokens_requests"};
  const Result<nlohmann::json> body = parse_object(text, members);
  if (!body) return std::unexpected(body.error());
  const auto requests = optional_count(*body, "requests", 1, limits::tier_requests_max);
  if (!requests) return std::unexpected(requests.error());
  const auto period = optional_count(*body, "period_seconds", 1,
                                     std::chrono::seconds{limits::tier_period_max}.count());
  if (!period) return std::unexpected(period.error());
  const auto tokens = optional_count(*body, "tokens_per_minute", 1, limits::tier_tokens_max);
  if (!tokens) return std::unexpected(tokens.error());
  const auto counts = optional_count(*body, "count_tokens_requests", 1, limits::tier_requests_max);
  if (!counts) return std::unexpected(counts.error());
  return Tier{.name = std::string{name},
              .requests = requests->value_or(0),
              .period = std::chrono::seconds{period->value_or(60)},
              .tokens_per_minute = tokens->value_or(0),
              .count_tokens_requests = counts->value_or(0)};
}

Error no_such_tier(std::string_view name) {
  return {.code = ErrorCode::not_found,
          .origin = Origin::client,
          .message = "There is no tier \"" + std::string{name} + "\"."};
}

}  // namespace

Result<Reply> TiersApi::list(const Call&) {
  const Result<std::vector<Tier>> tiers = store_.all_tiers();
  if (!tiers) return std::unexpected(tiers.error());
  JsonWriter json;
  json.begin_object().key("data").begin_list();
  for (const Tier& tier : *tiers) write_tier(json, tier);
  json.end().end();
  return json_reply(200, json.take());
}

Result<Reply> TiersApi::show(const Call& call) {
  const Result<std::vector<Tier>> tiers = store_.all_tiers();
  if (!tiers) return std::unexpected(tiers.error());
  const Tier* const tier = core::find_tier(*tiers, call.object);
  if (tier == nullptr) return std::unexpected(no_such_tier(call.object));
  return json_reply(200, tier_json(*tier));
}

Result<Reply> TiersApi::put(const Call& call) {
  const Result<Tier> tier = parse_tier(call.object, call.body);
  if (!tier) return std::unexpected(tier.error());
  const Result<std::vector<Tier>> tiers = store_.all_tiers();
  if (!tiers) return std::unexpected(tiers.error());
  const Tier* const before = core::find_tier(*tiers, call.object);
  if (before == nullptr && tiers->size() >= limits::tiers_max) {
    return std::unexpected(bad_request("There are too many tiers. Delete one that is not used."));
  }
  core::AuditEntry audit = audit_of(call, clock_.wall(), "tier.put", tier->name, tier->name);
  if (before != nullptr) audit.before = tier_json(*before);
  audit.after = tier_json(*tier);
  const Result<void> kept = store_.put_tier(*tier, audit);
  if (!kept) return std::unexpected(kept.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return json_reply(before == nullptr ? 201 : 200, tier_json(*tier));
}

Result<Reply> TiersApi::remove(const Call& call) {
  const Result<std::vector<Tier>> tiers = store_.all_tiers();
  if (!tiers) return std::unexpected(tiers.error());
  const Tier* const tier = core::find_tier(*tiers, call.object);
  if (tier == nullptr) return std::unexpected(no_such_tier(call.object));
  core::AuditEntry audit = audit_of(call, clock_.wall(), "tier.delete", tier->name, tier->name);
  audit.before = tier_json(*tier);
  const Result<void> removed = store_.delete_tier(tier->name, audit);
  if (!removed && removed.error().code == ErrorCode::conflict) {
    return std::unexpected(Error{.code = ErrorCode::conflict,
                                 .origin = Origin::client,
                                 .message = "Keys are in this tier. Give them another one first: "
                                            "GET /admin/api-keys?tier=" +
                                            tier->name + " lists them."});
  }
  if (!removed) return std::unexpected(removed.error());
  const Result<void> published = changed_();
  if (!published) return std::unexpected(published.error());
  return empty_reply();
}

Result<void> put_configured_tiers(core::Store& store, std::span<const Tier> tiers, WallTime now) {
  const Result<std::vector<Tier>> known = store.all_tiers();
  if (!known) return std::unexpected(known.error());
  const auto audit_as = [now](std::string_view action, const Tier& tier) {
    return core::AuditEntry{.at = now,
                            .actor = "configuration",
                            .action = std::string{action},
                            .object = tier.name,
                            .name = tier.name};
  };
  for (const Tier& tier : tiers) {
    const Tier* const before = core::find_tier(*known, tier.name);
    if (before != nullptr && (!before->is_configured || *before == tier)) continue;
    core::AuditEntry audit = audit_as("tier.put", tier);
    if (before != nullptr) audit.before = tier_json(*before);
    audit.after = tier_json(tier);
    const Result<void> kept = store.put_tier(tier, audit);
    if (!kept) return kept;
  }
  for (const Tier& tier : *known) {
    if (!tier.is_configured || core::find_tier(tiers, tier.name) != nullptr) continue;
    core::AuditEntry audit = audit_as("tier.delete", tier);
    audit.before = tier_json(tier);
    const Result<void> removed = store.delete_tier(tier.name, audit);
    if (!removed && removed.error().code != ErrorCode::conflict) return removed;
  }
  return {};
}

}  // namespace relay::admin
