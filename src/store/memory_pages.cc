#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/key_status.h"
#include "store/cursor.h"
#include "store/memory_store.h"
#include "store/page_end.h"

namespace relay::store {

using core::ApiKey;
using core::AuditEntry;
using core::KeyFilter;
using core::KeyOrder;

namespace {

std::string folded(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

bool contains_folded(std::string_view text, std::string_view part) {
  return folded(text).find(folded(part)) != std::string::npos;
}

bool matches(const ApiKey& key, const KeyFilter& filter, WallTime now) {
  const std::string& part = filter.search;
  if (!part.empty() && !contains_folded(key.name, part) && !contains_folded(key.owner, part) &&
      !contains_folded(key.description, part) &&
      !contains_folded("sk-proxy-" + key.public_id, part)) {
    return false;
  }
  if (filter.status && core::status_of(key, now) != *filter.status) return false;
  if (!filter.tag.empty() && std::ranges::find(key.tags, filter.tag) == key.tags.end())
    return false;
  if (!filter.tier.empty() && key.terms.tier != filter.tier) return false;
  if (!filter.owner.empty() && key.owner != filter.owner) return false;
  return !filter.unused_since || !key.last_used_at || *key.last_used_at < *filter.unused_since;
}

// Where a key is in a list.
struct Place {
  std::string value;
  std::int64_t id = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// Sorts as text as the numbers do.
std::string sortable(std::int64_t number) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return fmt::format("{:020}", static_cast<std::uint64_t>(number) ^ sign);
}

std::string sortable(const std::optional<WallTime>& time, std::int64_t none) {
  return sortable(time ? time->time_since_epoch().count() : none);
}

std::string sorted_by(const ApiKey& key, KeyOrder order) {
  switch (order) {
    case KeyOrder::created: return sortable(key.created_at, 0);
    case KeyOrder::name: return folded(key.name);
    case KeyOrder::tokens_used: return sortable(key.tokens_used);
    case KeyOrder::cost_used: return sortable(key.cost_used);
    case KeyOrder::last_used: return sortable(key.last_used_at, -1);
    case KeyOrder::expires:
      return sortable(core::expiry_of(key.terms, key.first_used_at),
                      std::numeric_limits<std::int64_t>::max());
  }
  return {};
}

bool matches(const AuditEntry& entry, const core::AuditFilter& filter) {
  return (!filter.from || entry.at >= *filter.from) && (!filter.to || entry.at < *filter.to) &&
         entry.action.starts_with(filter.action) &&
         (filter.object.empty() || entry.object == filter.object) &&
         (filter.actor.empty() || entry.actor == filter.actor);
}

}  // namespace

Result<core::Page<ApiKey>> MemoryStore::page_of_keys(const KeyFilter& filter, core::KeySort sort,
                                                     const core::PageRequest& page) {
  const std::string list =
      std::to_string(std::to_underlying(sort.order)) + (sort.is_descending ? "-" : "~");
  const auto place_of = [&sort](const ApiKey& key) {
    return Place{.value = sorted_by(key, sort.order), .id = std::to_underlying(key.id)};
  };
  const auto is_before = [&sort](const Place& a, const Place& b) {
    return sort.is_descending ? b < a : a < b;
  };
  std::optional<Place> after;
  if (!page.after.empty()) {
    Result<Cursor> cursor = parse_cursor(page.after, list);
    if (!cursor) return std::unexpected(cursor.error());
    after = Place{.value = std::move(cursor->value), .id = cursor->id};
  }
  std::vector<ApiKey> found = tables_.lock()->live_keys();
  std::erase_if(found, [&](const ApiKey& key) {
    return !matches(key, filter, clock_.wall()) || (after && !is_before(*after, place_of(key)));
  });
  std::ranges::sort(found, is_before, place_of);
  return cut_page(std::move(found), page.rows_max, [&](const ApiKey& last) {
    const Place place = place_of(last);
    return to_string({.list = list, .value = place.value, .id = place.id});
  });
}

Result<core::Page<AuditEntry>> MemoryStore::page_of_audit(const core::AuditFilter& filter,
                                                          const core::PageRequest& page) {
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  if (!page.after.empty()) {
    const Result<Cursor> cursor = parse_cursor(page.after, "audit");
    if (!cursor) return std::unexpected(cursor.error());
    before = cursor->id;
  }
  std::vector<AuditEntry> found = tables_.lock()->audit;
  std::erase_if(found, [&](const AuditEntry& entry) {
    return entry.id >= before || !matches(entry, filter);
  });
  std::ranges::reverse(found);
  return cut_page(std::move(found), page.rows_max, [](const AuditEntry& last) {
    return to_string({.list = "audit", .id = last.id});
  });
}

}  // namespace relay::store
