#pragma once

#include <memory>

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

  [[nodiscard]] bool has_counts() const noexcept { return has_counts_; }
  [[nodiscard]] bool has_input() const noexcept { return has_input_; }
  [[nodiscard]] bool is_bad() const noexcept { return is_bad_; }

 private:
  void raise_compactions(const core::Usage& reported);

  core::Usage counts_;  // As reported, but for cache_write_5m: what the split says.
  std::unique_ptr<core::Usage> compactions_;  // On top of them; null: none, as nearly always.
  core::TokenCount cache_write_ = 0;
  ServiceTerms terms_;
  bool has_counts_ = false;
  bool has_input_ = false;
  bool is_bad_ = false;
};

}  // namespace relay::claude
