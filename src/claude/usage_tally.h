#pragma once

#include <memory>
#include <span>

#include "claude/usage_report.h"
#include "core/usage.h"

namespace relay::claude {

// What an upstream has reported of one answer, in any number of reports. Counts are cumulative, so
// they do not add up: of each kind, the largest one reported is owed.
class UsageTally {
 public:
  void add(const UsageReport& report);
  void add_bad_report() noexcept { is_bad_ = true; }

  // Without an estimate of what is missing.
  [[nodiscard]] core::Usage usage() const noexcept;
  [[nodiscard]] const ServiceTerms& terms() const noexcept { return terms_; }

  // What is owed beside it, at the rates of those models. Until the next add().
  [[nodiscard]] std::span<const AdvisorUsage> advisors() const noexcept {
    return on_top_ == nullptr ? std::span<const AdvisorUsage>{} : on_top_->advisors;
  }

  [[nodiscard]] bool has_counts() const noexcept { return has_counts_; }
  [[nodiscard]] bool has_input() const noexcept { return has_input_; }
  [[nodiscard]] bool is_bad() const noexcept { return is_bad_; }

 private:
  struct OnTop {
    core::Usage compactions;
    AdvisorUsages advisors;
  };

  void add_on_top(const UsageReport& report);

  core::Usage counts_;             // As reported, but for cache_write_5m: what the split says.
  std::unique_ptr<OnTop> on_top_;  // Of them; null: nothing, as nearly always.
  core::TokenCount cache_write_ = 0;
  ServiceTerms terms_;
  bool has_counts_ = false;
  bool has_input_ = false;
  bool is_bad_ = false;
};

}  // namespace relay::claude
