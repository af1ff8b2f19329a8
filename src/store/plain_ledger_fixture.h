#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <span>
#include <utility>

#include "core/ledger.h"
#include "store/plain_key_fixture.h"

namespace relay::store {

// What a ledger and the allowances of its keys are to say of all exchanges.
class PlainLedger {
 public:
  static void owe(core::LedgerEntry& entry, const core::Usage& usage) {
    entry.usage = usage;
    entry.cost = plain_charge(usage).cost;
  }
  // As in attempt() of store_fixture.h.
  static int number_of(const core::AttemptId& id) { return id.bytes[2] << 8 | id.bytes[3]; }

  [[nodiscard]] PlainKey& key(core::KeyId id) { return keys_[id]; }

  PlainKey::Ticket begin(const core::LedgerEntry& begun, const core::Hold& hold) {
    right_[begun.attempt] = begun;
    return keys_[begun.key].begin(begun.started, hold);
  }
  void mark(const core::AttemptId& attempt, const core::Usage& usage) {
    owe(right_.at(attempt), usage);
  }
  void end(const core::AttemptId& attempt, PlainKey::Ticket ticket, core::Delivery delivery,
           const core::Usage& usage) {
    core::LedgerEntry& right = right_.at(attempt);
    right.delivery = delivery;
    owe(right, delivery == core::Delivery::refused ? core::Usage{} : usage);
    keys_[right.key].end(ticket, charge_of(right));
  }
  // Without a word: it is charged as last marked.
  void drop(const core::AttemptId& attempt, PlainKey::Ticket ticket) {
    const core::LedgerEntry& right = right_.at(attempt);
    keys_[right.key].end(ticket, charge_of(right));
  }
  // Found open after a crash: dropped, and what was marked is an estimate.
  void abandon(const core::AttemptId& attempt, PlainKey::Ticket ticket) {
    right_.at(attempt).usage.is_estimated = true;
    drop(attempt, ticket);
  }

  // After a loss of power it may be as it ended, or as it was once while it was open, or not at
  // all.
  void doubt(const core::AttemptId& attempt) { doubted_.insert(attempt); }
  // What is in doubt is what the store says.
  void believe(std::span<const core::LedgerEntry> entries) {
    std::map<core::AttemptId, core::LedgerEntry> found;
    for (const core::LedgerEntry& entry : entries) found[entry.attempt] = entry;
    for (const core::AttemptId& attempt : std::exchange(doubted_, {})) {
      const core::LedgerEntry before = right_.extract(attempt).mapped();
      Sums change{-before.usage.total(), -before.cost};
      if (const auto at = found.find(attempt); at != found.end()) {
        const core::LedgerEntry& now = right_[attempt] = at->second;
        EXPECT_TRUE(now.usage.is_estimated || says(now, before)) << number_of(attempt);
        change.tokens += now.usage.total();
        change.cost += now.cost;
      }
      keys_[before.key].charge(before.started, change);
    }
  }

  // When nothing is running, and all is in the store.
  void expect_to_be(std::span<const core::LedgerEntry> entries) const {
    EXPECT_EQ(entries.size(), right_.size());
    for (const core::LedgerEntry& entry : entries) {
      const auto right = right_.find(entry.attempt);
      const bool is_right = right != right_.end() && says(entry, right->second);
      EXPECT_TRUE(is_right) << "exchange " << number_of(entry.attempt);
    }
  }

 private:
  static Sums charge_of(const core::LedgerEntry& entry) {
    return {entry.usage.total(), entry.cost};
  }
  // All else is as it was begun.
  static bool says(const core::LedgerEntry& found, const core::LedgerEntry& right) {
    return found.key == right.key && found.held == right.held && found.started == right.started &&
           found.delivery == right.delivery && found.usage == right.usage &&
           found.cost == right.cost;
  }

  std::map<core::KeyId, PlainKey> keys_;
  std::map<core::AttemptId, core::LedgerEntry> right_;
  std::set<core::AttemptId> doubted_;
};

}  // namespace relay::store
