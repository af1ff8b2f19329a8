#pragma once

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "core/allowance.h"
#include "core/charge.h"
#include "core/ledger.h"
#include "core/price_table.h"

namespace relay::core {

// One exchange between admission and settlement: the promise that it is charged exactly once, and
// that what its key was granted for it comes back.
//
// settle() charges what was metered. A reservation dropped unsettled (a cancelled coroutine, an
// exception, a bug) charges what was last marked, because giving tokens away silently is the worse
// mistake. Neither can fail or suspend: the room is already ours. That is what lets the destructor
// do it, in a language whose destructors cannot co_await.
class [[nodiscard]] Reservation {
 public:
  // Requires: `slot` was opened for `entry`, at `since`. By `prices` it is charged until its end,
  // whatever changes meanwhile.
  Reservation(Ledger& ledger, LedgerSlot slot, const LedgerEntry& begun,
              std::shared_ptr<const PriceTable> prices, Grant grant = {},
              TimePoint since = {}) noexcept
      : ledger_{&ledger},
        slot_{slot},
        entry_{begun},
        prices_{std::move(prices)},
        grant_{std::move(grant)},
        since_{since} {}
  Reservation(Reservation&& other) noexcept
      : ledger_{std::exchange(other.ledger_, nullptr)},
        slot_{other.slot_},
        entry_{other.entry_},
        prices_{std::move(other.prices_)},
        grant_{std::move(other.grant_)},
        since_{other.since_},
        quote_{other.quote_},
        quoted_{other.quoted_} {}
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation() {
    if (ledger_ != nullptr) close();
  }

  // What the entry will say. Its usage, cost and delivery are settled, not set. The model that
  // served, once it is known, and the terms of its service are what it is charged by.
  [[nodiscard]] LedgerEntry& entry() noexcept { return entry_; }
  [[nodiscard]] const LedgerEntry& entry() const noexcept { return entry_; }

  // For what is charged beside it, by the same prices and from the same moment; nothing is held for
  // that. overloaded: no room.
  [[nodiscard]] Result<Reservation> open_beside(const LedgerEntry& begun) const {
    const Result<LedgerSlot> slot = ledger_->open(begun);
    if (!slot) return std::unexpected(slot.error());
    return Reservation{*ledger_, *slot, begun, prices_, {}, since_};
  }

  void mark(const Usage& usage) noexcept {
    charge(usage);
    ledger_->mark(slot_, entry_);
  }

  // Once. The reservation is spent afterwards.
  void settle(const Usage& usage, Delivery delivery) noexcept {
    charge(delivery == Delivery::refused ? Usage{} : usage);
    entry_.delivery = delivery;
    close();
  }
  [[nodiscard]] bool is_settled() const noexcept { return ledger_ == nullptr; }
  [[nodiscard]] const Grant& grant() const noexcept { return grant_; }
  [[nodiscard]] const PriceTable& prices() const noexcept { return *prices_; }

  // How long it has been running, whatever became of the wall clock.
  [[nodiscard]] std::uint32_t ms_until(TimePoint now) const noexcept {
    const auto passed = std::chrono::floor<std::chrono::milliseconds>(now - since_).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(passed, 0, UINT32_MAX));
  }

 private:
  enum class Quoted : std::uint8_t { not_yet, as_requested, as_served };

  void charge(const Usage& usage) noexcept {
    const bool is_served = !entry_.served_model.empty();
    const Quoted wanted = is_served ? Quoted::as_served : Quoted::as_requested;
    if (quoted_ != wanted) {
      const bool is_the_same =
          quoted_ == Quoted::as_requested && entry_.served_model == entry_.model;
      const std::string_view model = is_served ? entry_.served_model.view() : entry_.model.view();
      if (!is_the_same) quote_ = prices_->quote(model, entry_.started);
      quoted_ = wanted;
    }
    core::charge(entry_, quote_, usage);
  }

  void close() noexcept {
    assert(ledger_ != nullptr && "settled twice");
    std::exchange(ledger_, nullptr)->close(slot_, entry_);
    grant_.settle(entry_.usage, entry_.cost);
  }

  Ledger* ledger_;  // Null once settled or moved from.
  LedgerSlot slot_;
  LedgerEntry entry_;
  std::shared_ptr<const PriceTable> prices_;
  Grant grant_;
  TimePoint since_;
  PriceQuote quote_;
  Quoted quoted_ = Quoted::not_yet;
};

}  // namespace relay::core
