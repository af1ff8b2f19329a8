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
  answer.is_estimated = true;
  return core::bounded(answer);
}

}  // namespace relay::claude
