#include "exchange/upstreams.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/mix.h"
#include "base/rfc3339.h"
#include "exchange/retry.h"

namespace relay::exchange {
namespace {

using namespace std::chrono_literals;

constexpr auto cooldown_without_advice = 5s;  // After a 429 or 529 that names no time.
constexpr auto cooldown_max = 300s;           // A mistaken header must not end an upstream.
constexpr auto cooldown_of_bad_credential = 60s;
constexpr auto cooldown_first_failure = 1s;  // Doubles with every failure in a row,
constexpr int doublings_max = 12;            // up to cooldown_max.

// Weighted rendezvous hashing: each upstream draws a score for this affinity; taking one away moves
// only those that were on it.
double score(std::uint64_t affinity, std::size_t index, int weight) noexcept {
  const std::uint64_t drawn = mix(affinity ^ mix(index + 1));
  const double unit = (static_cast<double>(drawn >> 11) + 0.5) / 9007199254740992.0;
  return -static_cast<double>(std::max(weight, 1)) / std::log(unit);
}

// Until when the used-up limits named in the headers stay so, if any is.
std::optional<TimePoint::duration> reset_of_used_up(const http::Fields& fields, WallTime wall) {
  std::optional<TimePoint::duration> longest;
  for (const char* const kind : {"requests", "tokens", "input-tokens", "output-tokens"}) {
    const std::string prefix = std::string{"anthropic-ratelimit-"} + kind;
    const auto remaining = fields.find(prefix + "-remaining");
    const auto reset = fields.find(prefix + "-reset");
    if (!remaining || *remaining != "0" || !reset) continue;
    const std::optional<WallTime> at = parse_rfc3339(*reset);
    if (at && *at > wall) longest = std::max<TimePoint::duration>(longest.value_or(0s), *at - wall);
  }
  return longest;
}

}  // namespace

bool Tried::contains(http::UpstreamId upstream) const noexcept {
  const std::span asked = std::span{asked_}.first(count_);
  return std::ranges::find(asked, upstream) != asked.end();
}

Upstreams::Upstreams(std::span<const UpstreamSettings> settings) : states_(settings.size()) {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    states_[i].priority = settings[i].priority;
    states_[i].weight = settings[i].weight;
    states_[i].cooldown_max = settings[i].cooldown_max;
  }
}

http::UpstreamId Upstreams::choose(const Preference& preference, const Tried& tried,
                                   TimePoint now) const noexcept {
  struct Rank {
    bool is_cooling, was_tried;
    TimePoint ready;
    int priority;
    double score;
    [[nodiscard]] bool is_better_than(const Rank& other) const noexcept {
      if (is_cooling != other.is_cooling) return !is_cooling;
      if (was_tried != other.was_tried) return !was_tried;
      if (ready != other.ready) return ready < other.ready;
      if (priority != other.priority) return priority < other.priority;
      return score > other.score;
    }
  };
  std::size_t best = 0;
  if (states_.size() == 1) return http::UpstreamId{0};
  std::optional<Rank> best_rank;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const State& state = states_[i];
    const TimePoint ready = std::max(ready_at(state, preference.family), now);
    const Rank rank{.is_cooling = ready > now,
                    .was_tried = tried.contains(http::UpstreamId{static_cast<std::uint16_t>(i)}),
                    .ready = ready,
                    .priority = state.priority,
                    .score = score(preference.affinity, i, state.weight)};
    if (best_rank && !rank.is_better_than(*best_rank)) continue;
    best = i;
    best_rank = rank;
  }
  return http::UpstreamId{static_cast<std::uint16_t>(best)};
}

bool Upstreams::has_another(const Preference& preference, const Tried& tried,
                            TimePoint now) const noexcept {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const http::UpstreamId id{static_cast<std::uint16_t>(i)};
    if (!tried.contains(id) && ready_at(states_[i], preference.family) <= now) return true;
  }
  return false;
}

void Upstreams::note_answer(http::UpstreamId upstream, Family family, const http::AnswerHead& head,
                            TimePoint now, WallTime wall) noexcept {
  State& state = states_[static_cast<std::size_t>(upstream)];
  state.failures.store(0, std::memory_order_relaxed);
  if (head.status == 401 || head.status == 429 || head.status >= 500) {
    note_error(state, head.status, now);
  }
  if (head.status == 401) return cool_all(state, now + cooldown_of_bad_credential);
  if (head.status != 429 && head.status != 529) return;

  TimePoint::duration wait =
      std::min<TimePoint::duration>(cooldown_without_advice, state.cooldown_max);
  if (const auto reset = reset_of_used_up(head.fields, wall)) {
    wait = *reset;
  } else if (const auto after = retry_after(head.fields)) {
    wait = *after;
  }
  cool(state, family, now + std::min<TimePoint::duration>(wait, cooldown_max));
}

void Upstreams::note_failure(http::UpstreamId upstream, TimePoint now) noexcept {
  State& state = states_[static_cast<std::size_t>(upstream)];
  note_error(state, 0, now);
  const int before = state.failures.fetch_add(1, std::memory_order_relaxed);
  const TimePoint::duration wait =
      cooldown_first_failure * (1 << std::clamp(before, 0, doublings_max));
  cool_all(state, now + std::min(wait, state.cooldown_max));
}

bool Upstreams::is_cooling(http::UpstreamId upstream, Family family, TimePoint now) const noexcept {
  return ready_at(states_[static_cast<std::size_t>(upstream)], family) > now;
}

UpstreamHealth Upstreams::health(http::UpstreamId upstream) const noexcept {
  const State& state = states_[static_cast<std::size_t>(upstream)];
  UpstreamHealth health{.in_flight = state.in_flight.load(std::memory_order_relaxed),
                        .last_error = state.last_error.load(std::memory_order_relaxed)};
  for (std::size_t family = 0; family < families_max; ++family) {
    health.cool_until[family] = ready_at(state, static_cast<Family>(family));
  }
  const TimePoint::rep at = state.last_error_at.load(std::memory_order_relaxed);
  if (at != 0) health.last_error_at = TimePoint{TimePoint::duration{at}};
  return health;
}

void Upstreams::note_error(State& state, int status, TimePoint now) noexcept {
  state.last_error.store(status, std::memory_order_relaxed);
  state.last_error_at.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

void Upstreams::cool(State& state, Family family, TimePoint until) noexcept {
  state.cool_until[family % families_max].store(until.time_since_epoch().count(),
                                                std::memory_order_relaxed);
}

void Upstreams::cool_all(State& state, TimePoint until) noexcept {
  for (std::size_t family = 0; family < families_max; ++family) {
    cool(state, static_cast<Family>(family), until);
  }
}

TimePoint Upstreams::ready_at(const State& state, Family family) const noexcept {
  const auto ticks = state.cool_until[family % families_max].load(std::memory_order_relaxed);
  return TimePoint{TimePoint::duration{ticks}};
}

}  // namespace relay::exchange
