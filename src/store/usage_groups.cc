#include "store/usage_groups.h"

#include <algorithm>
#include <cassert>

#include "base/limits.h"
#include "core/words.h"
#include "store/store_error.h"

namespace relay::store {

using core::Bucket;
using core::GroupBy;
using core::KeyId;

namespace {

bool is_of_key(GroupBy by) noexcept {
  switch (by) {
    case GroupBy::key:
    case GroupBy::tag:
    case GroupBy::tier: return true;
    case GroupBy::model:
    case GroupBy::delivery: return false;
  }
  return false;
}

WallTime bucket_of(WallTime time, Bucket bucket) noexcept {
  switch (bucket) {
    case Bucket::none: return {};
    case Bucket::hour: return std::chrono::floor<std::chrono::hours>(time);
    case Bucket::quarter:
      return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<900>>>(time);
  }
  return {};
}

}  // namespace

bool groups_by_key(const core::UsageQuery& query) noexcept {
  return std::ranges::any_of(query.by, is_of_key);
}

bool concerns_keys(const core::UsageQuery& query) noexcept {
  const core::LedgerFilter& filter = query.filter;
  return !filter.keys.empty() || !filter.tag.empty() || !filter.tier.empty() ||
         groups_by_key(query);
}

std::size_t UsageGroups::HashOfGroup::operator()(const Group& group) const noexcept {
  const auto& [time, first, second] = group;
  constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
  const auto hours = static_cast<std::uint64_t>(time.time_since_epoch().count() / 900'000);
  return static_cast<std::size_t>(((hours * odd ^ first) * odd ^ second) * odd >> 16);
}

UsageGroups::UsageGroups(const core::UsageQuery& query, const KeyBook& book, bool has_keys)
    : query_{query}, book_{book}, has_keys_{has_keys} {
  assert(query.by.size() <= 2 && "that many names has a group");
}

bool UsageGroups::add(const UsageRow& row) {
  const Key& key = find(row.key);
  if (!key.is_wanted) return true;
  const WallTime bucket = bucket_of(row.time, query_.bucket);
  for (const Name first : names_of(row, key, 0)) {
    for (const Name second : names_of(row, key, 1)) sums_of({bucket, first, second}) += row.sums;
  }
  return groups_.size() <= limits::usage_groups_max;
}

Result<std::vector<core::UsageGroup>> UsageGroups::take() {
  if (groups_.size() > limits::usage_groups_max) {
    return std::unexpected(Error{.code = ErrorCode::request_too_large,
                                 .origin = Origin::client,
                                 .message = "This asks for too many groups: ask for less time, "
                                            "longer steps or fewer names."});
  }
  std::vector<core::UsageGroup> taken;
  taken.reserve(groups_.size());
  for (const auto& [group, sums] : groups_) {
    const auto& [bucket, first, second] = group;
    core::UsageGroup& made = taken.emplace_back(core::UsageGroup{.bucket = bucket, .sums = sums});
    if (!query_.by.empty()) made.names.push_back(names_[first]);
    if (query_.by.size() > 1) made.names.push_back(names_[second]);
  }
  std::ranges::sort(taken, [](const core::UsageGroup& a, const core::UsageGroup& b) {
    return std::tie(a.bucket, a.names) < std::tie(b.bucket, b.names);
  });
  return taken;
}

core::UsageSums& UsageGroups::sums_of(const Group& group) {
  if (last_sums_ == nullptr || last_group_ != group) {
    last_group_ = group;
    last_sums_ = &groups_[group];
  }
  return *last_sums_;
}

const UsageGroups::Key& UsageGroups::find(KeyId id) {
  if (last_id_ == id) return *last_key_;
  const auto [known, is_new] = keys_.try_emplace(has_keys_ ? id : KeyId{});
  Key& key = known->second;
  last_id_ = id;
  last_key_ = &key;
  if (!is_new || !has_keys_) return key;
  static const KeyTraits nobody;
  const auto found = book_.find(id);
  const KeyTraits& traits = found == book_.end() ? nobody : found->second;
  key.is_wanted = is_wanted(id, traits);
  for (std::size_t i = 0; i < query_.by.size(); ++i) key.names[i] = names_of(traits, query_.by[i]);
  return key;
}

bool UsageGroups::is_wanted(KeyId key, const KeyTraits& traits) const {
  const core::LedgerFilter& filter = query_.filter;
  return (filter.keys.empty() || std::ranges::find(filter.keys, key) != filter.keys.end()) &&
         (filter.tier.empty() || traits.tier == filter.tier) &&
         (filter.tag.empty() || std::ranges::find(traits.tags, filter.tag) != traits.tags.end());
}

UsageGroups::Name UsageGroups::name_of(std::string_view text) {
  const auto known = numbers_.find(text);
  if (known != numbers_.end()) return known->second;
  const auto name = static_cast<Name>(names_.size());
  numbers_.emplace(names_.emplace_back(text), name);
  return name;
}

// A tag that a key carries twice counts once.
UsageGroups::Names UsageGroups::names_of(const KeyTraits& traits, GroupBy by) {
  switch (by) {
    case GroupBy::key: return {name_of(traits.uuid)};
    case GroupBy::tier: return {name_of(traits.tier)};
    case GroupBy::tag: break;
    case GroupBy::model:
    case GroupBy::delivery: return {};
  }
  if (traits.tags.empty()) return {name_of("")};
  Names names;
  for (const std::string& tag : traits.tags) names.push_back(name_of(tag));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::span<const UsageGroups::Name> UsageGroups::names_of(const UsageRow& row, const Key& key,
                                                         std::size_t dimension) {
  Name& name = name_of_row_[dimension];
  if (dimension >= query_.by.size()) {
    name = 0;
  } else if (query_.by[dimension] == GroupBy::model) {
    name = name_of(row.model);
  } else if (query_.by[dimension] == GroupBy::delivery) {
    name = name_of(core::to_string(row.delivery));
  } else {
    return key.names[dimension];
  }
  return {&name, 1};
}

}  // namespace relay::store
