#pragma once

#include <vector>

#include "base/short_text.h"
#include "core/usage.h"

namespace relay::claude {

using ModelName = ShortText<63>;

// What a model has used that the upstream asked for advice while it answered: in no other count of
// the answer, and billed at the rates of that model (platform.claude.com,
// agents-and-tools/tool-use/advisor-tool).
struct AdvisorUsage {
  ModelName model;  // Empty: the upstream has not named it.
  core::Usage usage;

  friend bool operator==(const AdvisorUsage&, const AdvisorUsage&) = default;
};

// Of one answer, each model once, in the order in which they were named.
using AdvisorUsages = std::vector<AdvisorUsage>;

// Of this model. Where it would be one more than limits::advisor_models_max, the last one stands in
// for it, so that what it uses is charged at all.
[[nodiscard]] core::Usage& usage_of(AdvisorUsages& advisors, const ModelName& model);

// What an answer and an advisor of it used together, where one line has to do for both: an
// estimate, as no price is for both. Each kind at most limits::tokens_per_count_max.
[[nodiscard]] core::Usage merged(core::Usage answer, const core::Usage& advisor) noexcept;

}  // namespace relay::claude
