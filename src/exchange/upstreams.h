#pragma once

#include <array>
#include <atomic>
#include <cassert>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "exchange/settings.h"
#include "http/head.h"
#include "http/ports.h"

namespace relay::exchange {

// Which limits of an upstream a model counts against: the upstream's authoritative headers speak of
// one family at a time. The values are claude::ModelFamily's.
using Family = std::uint8_t;
inline constexpr std::size_t families_max = 8;

// What decides between upstreams: one conversation stays where its cache is, if it can.
struct Preference {
  std::uint64_t affinity = 0;
  Family family = 0;
};

// A set of upstreams that were already asked for an exchange.
class Tried {
 public:
  // Requires: not more often than an upstream is asked.
  void add(http::UpstreamId upstream) noexcept {
    assert(count_ < asked_.size());
    asked_[count_++] = upstream;
  }
  [[nodiscard]] bool contains(http::UpstreamId upstream) const noexcept;

 private:
  std::array<http::UpstreamId, limits::upstream_attempts_max> asked_ = {};
  std::size_t count_ = 0;
};

// How an upstream is, for people.
struct UpstreamHealth {
  std::array<TimePoint, families_max> cool_until = {};  // In the past: not cooling.
  std::int64_t in_flight = 0;
  int last_error = 0;  // The status it answered with; 0: it was not reached.
  std::optional<TimePoint> last_error_at;
};

// Chooses among the configured upstreams and remembers which of them asked to be left alone.
//
// Shared by all loops: what it remembers are atomics, and it takes no lock.
class Upstreams {
 public:
  explicit Upstreams(std::span<const UpstreamSettings> settings);

  // The best one: of those that are not cooling down the lowest priority, in it the one that this
  // affinity falls to (weighted rendezvous). Prefers those not yet tried; when all cool down, the
  // one that will be ready first, so that the client hears the upstream's own word. Requires: there
  // is an upstream.
  [[nodiscard]] http::UpstreamId choose(const Preference& preference, const Tried& tried,
                                        TimePoint now) const noexcept;

  // Whether an upstream other than the tried ones could serve now.
  [[nodiscard]] bool has_another(const Preference& preference, const Tried& tried,
                                 TimePoint now) const noexcept;

  // Learns from an answer: 429 and 529 cool the family down for as long as the upstream says
  // (retry-after, anthropic-ratelimit-*-reset of what is used up), 401 the whole upstream. Where it
  // does not say, it is cooled down for a while, at most for its cooldown_max.
  void note_answer(http::UpstreamId upstream, Family family, const http::AnswerHead& head,
                   TimePoint now, WallTime wall) noexcept;

  // Not reached, or broke off before its answer: the next ones ask elsewhere for a while.
  void note_failure(http::UpstreamId upstream, TimePoint now) noexcept;

  [[nodiscard]] bool is_cooling(http::UpstreamId upstream, Family family,
                                TimePoint now) const noexcept;
  [[nodiscard]] UpstreamHealth health(http::UpstreamId upstream) const noexcept;

 private:
  friend class UpstreamUse;

  struct State {
    int priority = 0;
    int weight = 1;
    TimePoint::duration cooldown_max = limits::upstream_cooldown;
    std::atomic<int> failures = 0;  // In a row.
    std::array<std::atomic<TimePoint::rep>, families_max> cool_until = {};
    std::atomic<std::int64_t> in_flight = 0;
    std::atomic<int> last_error = 0;
    std::atomic<TimePoint::rep> last_error_at = 0;  // 0: there was none.
  };
  void note_error(State& state, int status, TimePoint now) noexcept;
  void cool(State& state, Family family, TimePoint until) noexcept;
  void cool_all(State& state, TimePoint until) noexcept;
  [[nodiscard]] TimePoint ready_at(const State& state, Family family) const noexcept;

  std::vector<State> states_;
};

// An exchange that an upstream is busy with, as long as this lives.
class UpstreamUse {
 public:
  UpstreamUse() = default;
  UpstreamUse(Upstreams& upstreams, http::UpstreamId upstream) noexcept
      : count_{&upstreams.states_[static_cast<std::size_t>(upstream)].in_flight} {
    count_->fetch_add(1, std::memory_order_relaxed);
  }
  UpstreamUse(UpstreamUse&& other) noexcept : count_{std::exchange(other.count_, nullptr)} {}
  UpstreamUse& operator=(UpstreamUse&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }
  ~UpstreamUse() {
    if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t>* count_ = nullptr;
};

}  // namespace relay::exchange
