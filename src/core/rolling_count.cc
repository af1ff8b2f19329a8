#include "core/rolling_count.h"

#include <algorithm>
#include <limits>

namespace relay::core {
namespace {

constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

// The latest quarter, up to the present one, that is kept at `place`.
PeriodNumber latest_at(PeriodNumber place, PeriodNumber now, PeriodNumber size) noexcept {
  return now - (now % size + size - place) % size;
}

}  // namespace

void RollingCount::begin(PeriodNumber now) noexcept {
  PeriodNumber place = now % size;
  for (PeriodNumber age = 0; age < size; ++age) {
    quarters_[place].begin(now - age);
    place = (place == 0 ? size : place) - 1;
  }
  expired_ = now;
}

void RollingCount::load(PeriodNumber quarter, std::int64_t amount) noexcept {
  quarters_[quarter % size].begin(quarter, amount);
  sum_.add(amount);
}

std::optional<PeriodTag> RollingCount::take(PeriodNumber now, std::int64_t amount,
                                            std::int64_t limit) noexcept {
  expire(now);
  if (!sum_.take(amount, limit)) return std::nullopt;
  return quarters_[now % size].take(now, amount, any);
}

void RollingCount::add(PeriodNumber began, PeriodTag counted_in, std::int64_t change) noexcept {
  const std::optional<std::int64_t> forgotten = quarters_[began % size].add(counted_in, change);
  if (forgotten) sum_.add(change - *forgotten);
}

// Quarters that lie in the future stay, as the clock was set back; but not those that lie further
// in it than the window is long.
bool RollingCount::is_over(const Quarter::Content& quarter, PeriodNumber now) noexcept {
  const int age = quarter.age(now);
  return age > static_cast<int>(quarters_before) || age < -static_cast<int>(size);
}

void RollingCount::expire(PeriodNumber now) noexcept {
  if (expired_.load(std::memory_order_acquire) == now) return;
  for (PeriodNumber place = 0; place < size; ++place) {
    const Quarter::Content seen = quarters_[place].content();
    if (!is_over(seen, now)) continue;
    if (quarters_[place].replace(seen, latest_at(place, now, size))) sum_.add(-seen.amount);
  }
  expired_.store(now, std::memory_order_release);
}

std::int64_t RollingCount::in(PeriodNumber now) const noexcept {
  std::int64_t sum = sum_.taken();
  for (const Quarter& quarter : quarters_) {
    const Quarter::Content seen = quarter.content();
    if (is_over(seen, now)) sum -= seen.amount;
  }
  return std::max<std::int64_t>(sum, 0);
}

PeriodNumber RollingCount::when_down_to(std::int64_t goal, PeriodNumber now) const noexcept {
  PeriodNumber when = now;
  while (when <= now + quarters_before && in(when) > goal) ++when;
  return when;
}

}  // namespace relay::core
