#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace relay::core {

// Days, weeks, months and quarters of an hour, numbered one after the other.
using PeriodNumber = std::uint32_t;

// The end of such a number, which is all that a count keeps.
using PeriodTag = std::uint16_t;

// An amount, of tokens or nano-dollars, in the present period. It begins anew by itself: who comes
// with a newer period than the amount was counted in finds nothing taken.
//
// Amount and period are in one word, so that checking and taking are one step. Of the period's
// number only the last `tag_bits` are kept: a count that nobody touches for 2^tag_bits periods may
// take an old amount for a present one. Up to `ahead_max` periods after another one are taken for
// later ones, which is how old what add() is called for may be at most.
//
// Any thread; never waits.
template <int tag_bits, unsigned ahead_max>
class PeriodCount {
 public:
  static_assert(tag_bits <= 16 && ahead_max < 1U << tag_bits);
  static constexpr std::int64_t amount_max = (std::int64_t{1} << (64 - tag_bits)) - 1;

  struct Content {
    PeriodTag tag = 0;
    std::int64_t amount = 0;

    // How many periods ago its period was. Negative: it is still to come, as the clock was set
    // back.
    [[nodiscard]] int age(PeriodNumber now) const noexcept {
      const unsigned apart = (now - tag) & (all - 1);
      return apart < all - ahead_max ? static_cast<int>(apart) : -static_cast<int>(all - apart);
    }
  };

  // Before other threads see it.
  void begin(PeriodNumber period, std::int64_t amount = 0) noexcept {
    word_.store(pack({tag_of(period), amount}), std::memory_order_relaxed);
  }

  // Takes `amount` unless that makes more than `limit`; none: it does. Says in which period it was
  // counted, to be given to add(). That is the next one, if another thread's clock was there first.
  // Where the clock was set back further, the amount stays what it was.
  [[nodiscard]] std::optional<PeriodTag> take(PeriodNumber period, std::int64_t amount,
                                              std::int64_t limit) noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    for (;;) {
      Content now = at(word, period);
      if (amount > limit || now.amount > limit - amount) return std::nullopt;
      now.amount += amount;
      if (word_.compare_exchange_weak(word, pack(now), std::memory_order_acq_rel)) return now.tag;
    }
  }

  // Corrects what was taken, or counts what nobody took beforehand. Gives what was there of a
  // period before, and is now forgotten; none: `counted_in` is over itself, so nothing is counted.
  std::optional<std::int64_t> add(PeriodTag counted_in, std::int64_t change) noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    for (;;) {
      const Content before = unpack(word);
      const int age = before.age(counted_in);
      if (age < 0) return std::nullopt;
      const Content after{counted_in, (age == 0 ? before.amount : 0) + change};
      if (word_.compare_exchange_weak(word, pack(after), std::memory_order_acq_rel)) {
        return age == 0 ? 0 : before.amount;
      }
    }
  }

  // Begins another period, unless somebody was faster.
  bool replace(const Content& seen, PeriodNumber next) noexcept {
    std::uint64_t word = pack(seen);
    return word_.compare_exchange_strong(word, pack({tag_of(next), 0}), std::memory_order_acq_rel);
  }

  [[nodiscard]] std::int64_t in(PeriodNumber period) const noexcept {
    return at(word_.load(std::memory_order_relaxed), period).amount;
  }
  [[nodiscard]] Content content() const noexcept {
    return unpack(word_.load(std::memory_order_acquire));
  }
  static constexpr PeriodTag tag_of(PeriodNumber period) noexcept {
    return static_cast<PeriodTag>(period & (all - 1));
  }

 private:
  static constexpr unsigned all = 1U << tag_bits;

  static Content unpack(std::uint64_t word) noexcept {
    return {static_cast<PeriodTag>(word >> (64 - tag_bits)),
            static_cast<std::int64_t>(word & static_cast<std::uint64_t>(amount_max))};
  }
  static std::uint64_t pack(const Content& content) noexcept {
    const auto amount = std::clamp(content.amount, std::int64_t{0}, amount_max);
    return std::uint64_t{content.tag} << (64 - tag_bits) | static_cast<std::uint64_t>(amount);
  }
  static Content at(std::uint64_t word, PeriodNumber period) noexcept {
    const Content content = unpack(word);
    const int age = content.age(period);
    if (age == -1) return content;
    return {tag_of(period), age > 0 ? 0 : content.amount};
  }

  std::atomic<std::uint64_t> word_ = 0;
};

}  // namespace relay::core
