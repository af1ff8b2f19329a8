#include "exchange/input_calibration.h"

#include <algorithm>

#include "base/limits.h"

namespace relay::exchange {

void InputCalibration::learn(claude::ModelFamily family, core::TokenCount estimated,
                             core::TokenCount reported) noexcept {
  constexpr double weight = 1.0 / 64;
  if (estimated < limits::calibration_tokens_min || reported <= 0) return;
  const double seen = std::clamp(static_cast<double>(reported) / static_cast<double>(estimated),
                                 factor_min, factor_max);
  Factor& factor = factors_[static_cast<std::size_t>(family)];
  double before = factor.load(std::memory_order_relaxed);
  while (!factor.compare_exchange_weak(before, before + weight * (seen - before),
                                       std::memory_order_relaxed)) {
  }
}

}  // namespace relay::exchange
