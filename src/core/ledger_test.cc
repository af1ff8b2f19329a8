#include "core/ledger.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace relay::core {
namespace {

struct RecordingLedger final : Ledger {
  std::vector<Usage> marks;
  std::vector<LedgerEntry> entries;

  Result<LedgerSlot> open(const LedgerEntry&) override { return LedgerSlot{1}; }
  void mark(LedgerSlot, const Usage& usage) noexcept override { marks.push_back(usage); }
  void close(LedgerSlot slot, const LedgerEntry& ended) noexcept override {
    EXPECT_EQ(slot, LedgerSlot{1});
    entries.push_back(ended);
  }
};

struct ReservationTest : testing::Test {
  RecordingLedger ledger;
  Reservation reserved() { return {ledger, LedgerSlot{1}, {.key = KeyId{2}, .held = 64}}; }
  const LedgerEntry& entry() { return ledger.entries.at(0); }
};

TEST_F(ReservationTest, ChargesWhatWasMetered) {
  Reservation reservation = reserved();
  reservation.entry().status = 200;
  reservation.settle({.input = 25, .output = 15}, Delivery::complete);
  EXPECT_TRUE(reservation.is_settled());
  EXPECT_EQ(ledger.entries.size(), 1u);
  EXPECT_EQ(entry().usage, (Usage{.input = 25, .output = 15}));
  EXPECT_EQ(entry().delivery, Delivery::complete);
  EXPECT_EQ(entry().status, 200);
  EXPECT_EQ(entry().held, 64);
}

TEST_F(ReservationTest, ChargesWhatWasLastMarkedWhenItIsForgotten) {
  {
    Reservation forgotten = reserved();
    forgotten.mark({.input = 25});
    forgotten.mark({.input = 25, .output = 3});
  }
  EXPECT_EQ(ledger.marks.size(), 2u);
  EXPECT_EQ(ledger.entries.size(), 1u);
  EXPECT_EQ(entry().usage, (Usage{.input = 25, .output = 3}));
  EXPECT_EQ(entry().delivery, Delivery::abandoned);
}

TEST_F(ReservationTest, ChargesNothingForWhatWasRefused) {
  Reservation reservation = reserved();
  reservation.mark({.input = 25});
  reservation.settle({.input = 25}, Delivery::refused);
  EXPECT_EQ(entry().usage, Usage{});
}

TEST_F(ReservationTest, IsSettledOnceHoweverOftenItMoves) {
  Reservation first = reserved();
  Reservation second = std::move(first);
  Reservation third = std::move(second);
  third.settle({}, Delivery::upstream_failed);
  EXPECT_EQ(ledger.entries.size(), 1u);
}

}  // namespace
}  // namespace relay::core
