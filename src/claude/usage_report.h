#pragma once

#include <optional>

#include "claude/advisor_usage.h"
#include "claude/json_reader.h"
#include "core/usage.h"

namespace relay::claude {

using core::InferenceGeo;
using core::ServiceTerms;
using core::ServiceTier;

// What one `usage` object of the Messages API or of /v1/chat/completions says. What it leaves out,
// or says is null, is none; what it says that cannot be is none and flagged.
struct UsageReport {
  using Count = std::optional<core::TokenCount>;

  Count input;
  Count output;
  Count cache_write;  // Of both kinds together.
  Count cache_write_5m;
  Count cache_write_1h;
  Count cache_read;
  Count web_searches;
  core::Usage compactions;  // Of all `iterations` of that type: they are billed on top.
  AdvisorUsages advisors;   // The same of advisors, which are billed at rates of their own.
  ServiceTerms terms;
  bool is_bad = false;  // Not a whole number from 0 to its bound in limits.h, or not JSON.

  [[nodiscard]] bool has_counts() const noexcept {
    return input || output || cache_write || cache_read;
  }
};

// Reads the value whose first token is `first`, from a text that was fed whole. Null is an empty
// report.
[[nodiscard]] UsageReport read_usage(JsonReader& reader, JsonReader::Token first);

}  // namespace relay::claude
