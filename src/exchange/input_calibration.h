#pragma once

#include <array>
#include <atomic>

#include "claude/model_family.h"
#include "core/usage.h"

namespace relay::exchange {

// How far estimates of questions are off, for each family of models: what the upstream counted,
// divided by what was estimated, over the last hundreds of exchanges. Any thread; never waits.
class InputCalibration {
 public:
  static constexpr double factor_min = 0.25;
  static constexpr double factor_max = 4;

  // By what an estimate is to be multiplied.
  [[nodiscard]] double factor(claude::ModelFamily family) const noexcept {
    return at(family).load(std::memory_order_relaxed);
  }

  // An exchange whose question was estimated has been counted. Short questions say little: what the
  // upstream adds to every one of them weighs too much.
  void learn(claude::ModelFamily family, core::TokenCount estimated,
             core::TokenCount reported) noexcept;

 private:
  using Factor = std::atomic<double>;

  [[nodiscard]] const Factor& at(claude::ModelFamily family) const noexcept {
    return factors_[static_cast<std::size_t>(family)];
  }

  std::array<Factor, claude::every_family.size()> factors_ = {1, 1, 1, 1, 1, 1};
};

}  // namespace relay::exchange
