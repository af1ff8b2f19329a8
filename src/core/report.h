#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/ledger.h"
#include "core/money.h"
#include "core/usage.h"

// What is asked of the ledger. All of it is answered from rows and sums that are written in one
// transaction, so that it always adds up.
namespace relay::core {

// Which ledger entries. Empty members ask for all.
struct LedgerFilter {
  std::optional<WallTime> from;  // When they began. Inclusive.
  std::optional<WallTime> to;    // Exclusive.
  std::vector<KeyId> keys;
  std::string tag;    // Of the key, as it is now.
  std::string tier;   // Likewise.
  std::string model;  // As served, or as requested if nothing was.
  std::optional<Delivery> delivery;
  std::optional<Endpoint> endpoint;
  std::optional<int> status_class;  // 2 for 200 to 299.
  std::optional<bool> is_stream;
  std::optional<bool> is_estimated;
  std::optional<bool> is_unpriced;
  std::optional<NanoUsd> cost_min;
  std::optional<std::uint32_t> duration_ms_min;
  std::optional<Address> client;
  std::string request;  // Our request id, or the upstream's.
};

struct LedgerRow {
  std::int64_t id = 0;  // Tells entries that began at the same time apart.
  LedgerEntry entry;
  std::string key_uuid;  // Empty if the key is not known here.
  std::string key_name;  // Also of a deleted key.
};

// By what sums are told apart.
enum class GroupBy : std::uint8_t { key, model, tag, tier, delivery };

// How time is cut. `quarter` is answered from the entries themselves, for zones that are not whole
// hours from UTC; `hour` from sums that outlive them.
enum class Bucket : std::uint8_t { none, hour, quarter };

struct UsageQuery {
  LedgerFilter filter;  // Only from, to, keys, tag, tier, model and delivery; the first two on
                        // borders of the bucket.
  Bucket bucket = Bucket::none;
  std::vector<GroupBy> by;  // At most two.
};

struct UsageSums {
  Usage usage;
  NanoUsd cost = 0;
  std::int64_t requests = 0;  // All that were admitted; those without success among them,
  std::int64_t refused = 0;   // Delivery::refused: they cost nothing.
  std::int64_t estimated = 0;
  std::int64_t unpriced = 0;

  UsageSums& operator+=(const UsageSums& other) noexcept {
    usage += other.usage;
    cost += other.cost;
    requests += other.requests;
    refused += other.refused;
    estimated += other.estimated;
    unpriced += other.unpriced;
    return *this;
  }
  friend bool operator==(const UsageSums&, const UsageSums&) = default;
};

struct UsageGroup {
  WallTime bucket{};  // When it began; of Bucket::none: nothing.
  std::vector<std::string>
      names;  // As `by` asked: a key's uuid, a model, a tag, a delivery's word.
  UsageSums sums;
};

// What one key was charged in a time: where limits by day, week or month stand when the relay
// starts.
struct KeyCharge {
  KeyId key = {};
  TokenCount tokens = 0;
  NanoUsd cost = 0;
};

}  // namespace relay::core
