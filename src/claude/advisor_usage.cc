#include "claude/advisor_usage.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::claude {

core::Usage& usage_of(AdvisorUsages& advisors, const ModelName& model) {
  const auto known = std::ranges::find(advisors, model, &AdvisorUsage::model);
  if (known != advisors.end()) return known->usage;
  if (advisors.size() == limits::advisor_models_max) return advisors.back().usage;
  return advisors.emplace_back(AdvisorUsage{.model = model, .usage = {}}).usage;
}

core::Usage merged(core::Usage answer, const core::Usage& advisor) noexcept {
  answer += advisor;
  for (const auto kind : {&core::Usage::input, &core::Usage::output, &core::Usage::cache_write_5m,
                          &core::Usage::cache_write_1h, &core::Usage::cache_read}) {
    answer.*kind = std::min(answer.*kind, limits::tokens_per_count_max);
  }
  answer.is_estimated = true;
  return answer;
}

}  // namespace relay::claude
