#include "admin/ledger_json.h"

#include "admin/usage_report.h"
#include "core/words.h"

namespace relay::admin {
namespace {

std::string_view word_of(core::ServiceTier tier) noexcept {
  switch (tier) {
    case core::ServiceTier::unknown: return "";
    case core::ServiceTier::standard: return "standard";
    case core::ServiceTier::priority: return "priority";
    case core::ServiceTier::batch: return "batch";
  }
  return "";
}

std::string_view word_of(core::InferenceGeo geo) noexcept {
  switch (geo) {
    case core::InferenceGeo::unknown: return "";
    case core::InferenceGeo::global: return "global";
    case core::InferenceGeo::us: return "us";
    case core::InferenceGeo::other: return "other";
  }
  return "";
}

void write_course(JsonWriter& json, const core::LedgerEntry& entry) {
  json.member("started_at", entry.started)
      .member("endpoint", core::to_string(entry.endpoint))
      .member_or_null("model", entry.model.view())
      .member_or_null("served_model", entry.served_model.view())
      .member("outcome", core::to_string(entry.delivery))
      .member("status", entry.status == 0 ? std::nullopt : std::optional<int>{entry.status})
      .member("is_stream", entry.is_stream)
      .member("first_byte_ms", entry.first_byte_ms)
      .member("duration_ms", entry.duration_ms)
      .member("request_id", entry.request.view())
      .member_or_null("upstream_request_id", entry.upstream_request.view());
}

void write_charge(JsonWriter& json, const core::LedgerEntry& entry) {
  write_usage(json, entry.usage);
  json.member("is_estimated", entry.usage.is_estimated);
  write_cost(json, entry.cost);
  json.member("is_unpriced", entry.is_unpriced)
      .member_or_null("service_tier", word_of(entry.terms.tier))
      .member_or_null("inference_geo", word_of(entry.terms.geo))
      .member("is_fast", entry.terms.is_fast);
}

}  // namespace

void write_entry(JsonWriter& json, const core::LedgerRow& row, Reader reader) {
  const core::LedgerEntry& entry = row.entry;
  json.begin_object().member("id", std::to_string(row.id));
  write_course(json, entry);
  write_charge(json, entry);
  if (reader == Reader::administrator) {
    json.member_or_null("key_id", row.key_uuid)
        .member_or_null("key_name", row.key_name)
        .member("attempt_id", core::to_string(entry.attempt))
        .member("attempts", entry.attempts)
        .member("held_tokens", entry.held)
        .member("price_version", entry.price_version)
        .member_or_null("upstream", entry.upstream.view())
        .member("client", to_string(entry.client));
  }
  json.end();
}

}  // namespace relay::admin
