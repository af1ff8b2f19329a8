#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "claude/advisor_usage.h"
#include "core/reservation.h"

namespace relay::exchange {

// What the advisors of one answer are charged for: a line of the ledger for each, by its own price,
// beside that of the exchange. A line is open from when its advisor was first heard of, and never a
// part of another one meanwhile: so a process that is killed at any moment has charged each once.
//
// Of an exchange; outlived by its reservation.
class AdvisorCharges {
 public:
  // `advisors`: those of the last call, in that order, and perhaps more. Both give what is left for
  // the exchange's own line: `usage`, and what those have used for whose lines there is no room.
  // Cannot fail; do not suspend.
  [[nodiscard]] core::Usage mark(const core::Reservation& exchange, core::Usage usage,
                                 std::span<const claude::AdvisorUsage> advisors) noexcept;
  // Once. Nobody is charged where `delivery` is refused.
  [[nodiscard]] core::Usage settle(const core::Reservation& exchange, core::Usage usage,
                                   std::span<const claude::AdvisorUsage> advisors,
                                   core::Delivery delivery) noexcept;

 private:
  void open_lines(const core::Reservation& exchange, bool is_estimated,
                  std::span<const claude::AdvisorUsage> advisors);
  void open_as_many(const core::Reservation& exchange, bool is_estimated,
                    std::span<const claude::AdvisorUsage> advisors) noexcept;

  std::vector<core::Reservation> lines_;  // Of the first advisors.
  bool has_room_ = true;                  // For one more.
};

}  // namespace relay::exchange
