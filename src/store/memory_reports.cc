#include <algorithm>
#include <ranges>

#include "store/batch_totals.h"
#include "store/cursor.h"
#include "store/memory_store.h"
#include "store/page_end.h"

namespace relay::store {

using core::LedgerEntry;
using core::LedgerFilter;
using core::LedgerRow;

namespace {

constexpr std::string_view list = "ledger";

// Where an entry is in the ledger.
using Place = std::pair<std::int64_t, std::int64_t>;

Place place_of(const LedgerRow& row) {
  return {row.entry.started.time_since_epoch().count(), row.id};
}

// What may also be asked of sums.
bool sum_matches(const LedgerEntry& entry, const LedgerFilter& filter) {
  return (!filter.from || entry.started >= *filter.from) &&
         (!filter.to || entry.started < *filter.to) &&
         (filter.model.empty() || billed_model(entry) == filter.model) &&
         (!filter.delivery || entry.delivery == *filter.delivery);
}

bool key_matches(const LedgerEntry& entry, const LedgerFilter& filter, const KeyTraits& traits) {
  return (filter.keys.empty() || std::ranges::find(filter.keys, entry.key) != filter.keys.end()) &&
         (filter.tag.empty() || std::ranges::find(traits.tags, filter.tag) != traits.tags.end()) &&
         (filter.tier.empty() || traits.tier == filter.tier);
}

bool matches(const LedgerEntry& entry, const LedgerFilter& filter) {
  return sum_matches(entry, filter) && (!filter.endpoint || entry.endpoint == *filter.endpoint) &&
         (!filter.status_class || entry.status / 100 == *filter.status_class) &&
         (!filter.is_stream || entry.is_stream == *filter.is_stream) &&
         (!filter.is_estimated || entry.usage.is_estimated == *filter.is_estimated) &&
         (!filter.is_unpriced || entry.is_unpriced == *filter.is_unpriced) &&
         (!filter.cost_min || entry.cost >= *filter.cost_min) &&
         (!filter.duration_ms_min || entry.duration_ms >= *filter.duration_ms_min) &&
         (!filter.client || entry.client == *filter.client) &&
         (filter.request.empty() || entry.request.view() == filter.request ||
          entry.upstream_request.view() == filter.request);
}

}  // namespace

KeyBook MemoryStore::Tables::book() const {
  KeyBook book;
  for (const Row& row : keys) {
    book[row.key.id] = {.uuid = row.key.uuid, .tier = row.key.terms.tier, .tags = row.key.tags};
  }
  return book;
}

Result<core::Page<LedgerRow>> MemoryStore::page_of_ledger(const LedgerFilter& filter,
                                                          const core::PageRequest& page) {
  std::optional<Place> after;
  if (!page.after.empty()) {
    const Result<NumberCursor> cursor = parse_number_cursor(page.after, list);
    if (!cursor) return std::unexpected(cursor.error());
    after = Place{cursor->value, cursor->id};
  }
  auto tables = tables_.lock();
  const KeyBook book = tables->book();
  std::vector<LedgerRow> found;
  for (const Tables::Line& line : tables->ledger | std::views::values) {
    const auto key = book.find(line.entry.key);
    LedgerRow row{.id = line.id, .entry = line.entry, .key_uuid = {}, .key_name = {}};
    const KeyTraits traits = key == book.end() ? KeyTraits{} : key->second;
    if (!matches(row.entry, filter) || !key_matches(row.entry, filter, traits)) continue;
    if (after && place_of(row) >= *after) continue;
    row.key_uuid = traits.uuid;
    if (key != book.end()) {
      row.key_name = tables->keys[static_cast<std::size_t>(line.entry.key) - 1].key.name;
    }
    found.push_back(std::move(row));
  }
  std::ranges::sort(found, std::greater{}, place_of);
  return cut_page(std::move(found), page.rows_max, [](const LedgerRow& last) {
    return to_string(
        {.list = std::string{list}, .value = std::to_string(place_of(last).first), .id = last.id});
  });
}

Result<std::vector<core::UsageGroup>> MemoryStore::usage(const core::UsageQuery& query) {
  auto tables = tables_.lock();
  const KeyBook book = tables->book();
  UsageGroups groups{query, book, concerns_keys(query)};
  for (const Tables::Line& line : tables->ledger | std::views::values) {
    const LedgerEntry& entry = line.entry;
    if (!sum_matches(entry, query.filter)) continue;
    groups.add({.time = entry.started,
                .key = entry.key,
                .model = billed_model(entry),
                .delivery = entry.delivery,
                .sums = sums_of(entry)});
  }
  return groups.take();
}

Result<std::vector<core::KeyCharge>> MemoryStore::charges(WallTime from, WallTime to) {
  auto tables = tables_.lock();
  std::map<core::KeyId, core::KeyCharge> by_key;
  for (const Tables::Line& line : tables->ledger | std::views::values) {
    if (line.entry.started < from || line.entry.started >= to) continue;
    core::KeyCharge& charge = by_key[line.entry.key];
    charge.key = line.entry.key;
    charge.tokens += line.entry.usage.total();
    charge.cost += line.entry.cost;
  }
  std::vector<core::KeyCharge> charged;
  for (const auto& [key, charge] : by_key) {
    if (charge.tokens != 0 || charge.cost != 0) charged.push_back(charge);
  }
  return charged;
}

}  // namespace relay::store
