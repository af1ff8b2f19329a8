#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "core/count.h"
#include "core/period_count.h"
#include "core/periods.h"
#include "core/rolling_count.h"
#include "core/terms.h"

namespace relay::core {

// Limits of one kind, tokens or nano-dollars, by window.
using SpendingLimits = PerWindow<std::optional<std::int64_t>>;

// What was taken for one exchange, to be settled by what it used.
struct Taken {
  std::int64_t amount = 0;
  PerWindow<bool> is_held;    // In which windows.
  Periods periods;            // When it was taken,
  PerWindow<PeriodTag> tags;  // and in which of them it is counted.
};

// Where a window stands.
struct WindowState {
  std::int64_t used = 0;
  std::int64_t held = 0;  // By exchanges that are running.

  friend bool operator==(const WindowState&, const WindowState&) = default;
};

// What a key has spent of one thing, tokens or nano-dollars, in every window, whether it is limited
// or not: a limit may come later.
//
// A window is one number, of what was charged and what is held. With U used, R held and L the
// limit, an amount is taken only where U + R <= L afterwards, in one step; so U never exceeds L but
// by what running exchanges use beyond their holds. What an exchange used is charged to the windows
// that held the instant at which it began, as the ledger has it: a relay that starts anew finds the
// same.
//
// Any thread; never waits.
class Spending {
 public:
  // Before other threads see it.
  void begin(const Periods& now) noexcept;
  void load(Window window, const Periods& now, std::int64_t used) noexcept;  // Not of five_hours:
  void load_quarter(PeriodNumber quarter, std::int64_t used) noexcept;       // that comes in parts.

  // Takes `amount` in every window that has a limit, or in none: then this is the one that has not
  // got it. An amount of zero is always there.
  [[nodiscard]] std::optional<Window> take(std::int64_t amount, const SpendingLimits& limits,
                                           const Periods& now, Taken& taken) noexcept;

  // Charges what was used, in all windows, and gives the rest back.
  void settle(const Taken& taken, std::int64_t used) noexcept;

  // Charges `by` more, or less, for what began in `began`: in the windows that hold it still.
  void correct(const Periods& began, const Periods& now, std::int64_t by) noexcept;

  [[nodiscard]] WindowState state(Window window, const Periods& now) const noexcept;

  // The first quarter of an hour in which five_hours has no more than `goal` in it.
  [[nodiscard]] PeriodNumber when_down_to(std::int64_t goal, PeriodNumber now) const noexcept {
    return rolling_.when_down_to(goal, now);
  }

 private:
  // 4,096 days are eleven years, 512 more than one; 4.5 million dollars fit.
  using CalendarCount = PeriodCount<12, 512>;

  [[nodiscard]] static Taken nothing_at(const Periods& periods) noexcept;
  [[nodiscard]] bool take_in(Window window, std::int64_t limit, Taken& taken) noexcept;
  void change(Window window, const Taken& taken, std::int64_t by) noexcept;
  void note_held(Window window, const Taken& taken, std::int64_t by) noexcept;
  void give_back(const Taken& taken) noexcept;

  Count total_;
  RollingCount rolling_;
  PerWindow<CalendarCount> calendar_;  // Day, week and month.

  std::atomic<std::int64_t> charged_ = 0;  // What of total_ is not held.

  // What of the others is held: for people, nothing is decided by it.
  RollingCount held_rolling_;
  PerWindow<CalendarCount> held_calendar_;
};

}  // namespace relay::core
