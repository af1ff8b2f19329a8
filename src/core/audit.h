#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"

namespace relay::core {

// One change that an operator made. Written in the transaction of the change; never changed itself.
struct AuditEntry {
  std::int64_t id = 0;  // Rises. The store's.
  WallTime at{};
  std::string actor;  // "admin", "token NAME", "command line".
  Address from;
  std::string
      action;  // "key.create", "tier.put": a word from a closed set, documented in openapi.yaml.
  std::string object;  // What it was done to: a uuid, the name of a tier.
  std::string name;    // By which people know that.
  std::string before;  // One JSON object without secrets; empty if there was nothing.
  std::string after;
};

struct AuditFilter {
  std::optional<WallTime> from;  // Inclusive.
  std::optional<WallTime> to;    // Exclusive.
  std::string action;            // Or what it begins with, "key."; empty: any.
  std::string object;            // Empty: any.
  std::string actor;
};

}  // namespace relay::core
