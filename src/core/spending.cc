#include "core/spending.h"

#include <algorithm>
#include <array>

namespace relay::core {
namespace {

constexpr std::array calendar_windows = {Window::day, Window::week, Window::month};

bool is_over(Window window, const Periods& began, const Periods& now) noexcept {
  if (window == Window::total) return false;
  const PeriodNumber kept = window == Window::five_hours ? quarters_before : 0;
  return began[window] + kept < now[window];
}

}  // namespace

void Spending::begin(const Periods& now) noexcept {
  rolling_.begin(now[Window::five_hours]);
  held_rolling_.begin(now[Window::five_hours]);
  for (const Window window : calendar_windows) {
    calendar_[window].begin(now[window]);
    held_calendar_[window].begin(now[window]);
  }
}

void Spending::load(Window window, const Periods& now, std::int64_t used) noexcept {
  if (window != Window::total) return calendar_[window].begin(now[window], used);
  total_.add(used);
  charged_.fetch_add(used);
}

void Spending::load_quarter(PeriodNumber quarter, std::int64_t used) noexcept {
  rolling_.load(quarter, used);
}

Taken Spending::nothing_at(const Periods& periods) noexcept {
  Taken taken{.periods = periods};
  taken.tags[Window::five_hours] = RollingCount::tag_of(periods[Window::five_hours]);
  for (const Window window : calendar_windows) {
    taken.tags[window] = CalendarCount::tag_of(periods[window]);
  }
  return taken;
}

std::optional<Window> Spending::take(std::int64_t amount, const SpendingLimits& limits,
                                     const Periods& now, Taken& taken) noexcept {
  taken = nothing_at(now);
  taken.amount = amount;
  rolling_.expire(now[Window::five_hours]);
  held_rolling_.expire(now[Window::five_hours]);
  if (amount == 0) return std::nullopt;
  for (const Window window : every_window) {
    if (!limits[window]) continue;
    if (!take_in(window, *limits[window], taken)) {
      give_back(taken);
      taken.is_held = {};
      return window;
    }
    taken.is_held[window] = true;
    note_held(window, taken, amount);
  }
  return std::nullopt;
}

bool Spending::take_in(Window window, std::int64_t limit, Taken& taken) noexcept {
  if (window == Window::total) return total_.take(taken.amount, limit);
  const PeriodNumber now = taken.periods[window];
  const std::optional<PeriodTag> tag = window == Window::five_hours
                                           ? rolling_.take(now, taken.amount, limit)
                                           : calendar_[window].take(now, taken.amount, limit);
  if (tag) taken.tags[window] = *tag;
  return tag.has_value();
}

void Spending::settle(const Taken& taken, std::int64_t used) noexcept {
  charged_.fetch_add(used, std::memory_order_relaxed);
  for (const Window window : every_window) {
    const std::int64_t held = taken.is_held[window] ? taken.amount : 0;
    if (used != held) change(window, taken, used - held);
    if (held != 0) note_held(window, taken, -held);
  }
}

void Spending::correct(const Periods& began, const Periods& now, std::int64_t by) noexcept {
  charged_.fetch_add(by, std::memory_order_relaxed);
  rolling_.expire(now[Window::five_hours]);
  const Taken taken = nothing_at(began);
  for (const Window window : every_window) {
    if (!is_over(window, began, now)) change(window, taken, by);
  }
}

void Spending::give_back(const Taken& taken) noexcept {
  for (const Window window : every_window) {
    if (!taken.is_held[window]) continue;
    change(window, taken, -taken.amount);
    note_held(window, taken, -taken.amount);
  }
}

void Spending::change(Window window, const Taken& taken, std::int64_t by) noexcept {
  if (window == Window::total) {
    total_.add(by);
  } else if (window == Window::five_hours) {
    rolling_.add(taken.periods[window], taken.tags[window], by);
  } else {
    calendar_[window].add(taken.tags[window], by);
  }
}

void Spending::note_held(Window window, const Taken& taken, std::int64_t by) noexcept {
  if (window == Window::total) return;
  if (window == Window::five_hours) {
    held_rolling_.add(taken.periods[window], taken.tags[window], by);
  } else {
    held_calendar_[window].add(taken.tags[window], by);
  }
}

WindowState Spending::state(Window window, const Periods& now) const noexcept {
  if (window == Window::total) {
    const std::int64_t used = charged_.load(std::memory_order_relaxed);
    return {.used = used, .held = std::max<std::int64_t>(total_.taken() - used, 0)};
  }
  const bool is_rolling = window == Window::five_hours;
  const std::int64_t both =
      is_rolling ? rolling_.in(now[window]) : calendar_[window].in(now[window]);
  const std::int64_t held =
      is_rolling ? held_rolling_.in(now[window]) : held_calendar_[window].in(now[window]);
  return {.used = both - std::clamp<std::int64_t>(held, 0, both),
          .held = std::clamp<std::int64_t>(held, 0, both)};
}

}  // namespace relay::core
