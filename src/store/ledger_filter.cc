#include "store/ledger_filter.h"

namespace relay::store {

using core::Delivery;
using core::LedgerFilter;

bool asks_for_unusual(const LedgerFilter& filter) {
  return (filter.delivery && *filter.delivery != Delivery::complete) ||
         (filter.status_class && *filter.status_class != 2) || filter.is_estimated == true ||
         filter.is_unpriced == true;
}

void where_matches(SqlQuery& query, const LedgerFilter& filter) {
  if (!filter.keys.empty()) query.where("+key_id IN ").add_list(filter.keys);
  if (!filter.tag.empty()) {
    query.where("+key_id IN (SELECT key_id FROM key_tags WHERE tag = ?)", filter.tag);
  }
  if (!filter.tier.empty()) {
    query.where("+key_id IN (SELECT id FROM api_keys WHERE rate_limit_tier = ?)", filter.tier);
  }
  if (!filter.model.empty()) {
    query.where("(served_model = ? OR served_model = '' AND model = ?)", filter.model,
                filter.model);
  }
  if (filter.delivery) query.where("delivery = ?", *filter.delivery);
  if (filter.endpoint) query.where("endpoint = ?", *filter.endpoint);
  if (filter.status_class) {
    query.where("status BETWEEN ? AND ?", *filter.status_class * 100,
                *filter.status_class * 100 + 99);
  }
  if (filter.is_stream) query.where("is_stream = ?", *filter.is_stream);
  if (filter.is_estimated) query.where("is_estimated = ?", *filter.is_estimated);
  if (filter.is_unpriced) query.where("is_unpriced = ?", *filter.is_unpriced);
  if (filter.cost_min) query.where("+cost >= ?", *filter.cost_min);
  if (filter.duration_ms_min) query.where("duration_ms >= ?", *filter.duration_ms_min);
  if (filter.client) query.where("client = ?", filter.client->bytes);
}

}  // namespace relay::store
