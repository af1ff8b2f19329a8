#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "core/report.h"

namespace relay::store {

// What reports ask of a key besides its id. Of deleted keys too.
struct KeyTraits {
  std::string uuid;
  std::string tier;
  std::vector<std::string> tags;
};
using KeyBook = std::unordered_map<core::KeyId, KeyTraits>;

// Sums of some exchanges that have all of this in common.
struct UsageRow {
  WallTime time{};
  core::KeyId key = {};
  std::string_view model;
  core::Delivery delivery = core::Delivery::complete;
  core::UsageSums sums;
};

// Puts rows into the groups that a query asks for. All that it filters by is left out by whoever
// reads the rows, but for keys, if rows say whose they are.
class UsageGroups {
 public:
  // Both must outlive this.
  UsageGroups(const core::UsageQuery& query, const KeyBook& book, bool has_keys);

  // False once there are too many groups: more rows are of no use then.
  bool add(const UsageRow& row);

  // Once. request_too_large.
  Result<std::vector<core::UsageGroup>> take();

 private:
  using Name = std::uint32_t;  // Its place in names_.
  using Names = std::vector<Name>;
  using Group = std::tuple<WallTime, Name, Name>;
  struct HashOfGroup {
    std::size_t operator()(const Group& group) const noexcept;
  };
  struct Key {
    bool is_wanted = true;
    std::array<Names, 2> names;  // For what the query groups by, where the key decides that.
  };

  const Key& find(core::KeyId key);
  core::UsageSums& sums_of(const Group& group);
  bool is_wanted(core::KeyId key, const KeyTraits& traits) const;
  Name name_of(std::string_view text);
  Names names_of(const KeyTraits& traits, core::GroupBy by);
  std::span<const Name> names_of(const UsageRow& row, const Key& key, std::size_t dimension);

  const core::UsageQuery& query_;
  const KeyBook& book_;
  const bool has_keys_;
  std::unordered_map<std::string_view, Name> numbers_;  // Of names_.
  std::deque<std::string> names_;                       // Do not move.
  std::array<Name, 2> name_of_row_ = {};
  std::unordered_map<core::KeyId, Key> keys_;
  std::unordered_map<Group, core::UsageSums, HashOfGroup> groups_;

  // What the last row was about, as the next one often is about the same.
  std::optional<core::KeyId> last_id_;
  const Key* last_key_ = nullptr;
  Group last_group_;
  core::UsageSums* last_sums_ = nullptr;
};

// Whether the groups are told apart by key, tag or tier.
bool groups_by_key(const core::UsageQuery& query) noexcept;

// Whether it matters whose exchanges these are, or sums over all keys will do.
bool concerns_keys(const core::UsageQuery& query) noexcept;

}  // namespace relay::store
