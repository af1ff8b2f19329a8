#include "core/reservation.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace relay::core {
namespace {

struct RecordingLedger final : Ledger {
  std::vector<LedgerEntry> marks;
  std::vector<LedgerEntry> entries;

  bool is_busy() const noexcept override { return false; }
  Result<LedgerSlot> open(const LedgerEntry&) override { return LedgerSlot{1}; }
  void mark(LedgerSlot, const LedgerEntry& so_far) noexcept override { marks.push_back(so_far); }
  void close(LedgerSlot slot, const LedgerEntry& ended) noexcept override {
    EXPECT_EQ(slot, LedgerSlot{1});
    entries.push_back(ended);
  }
};

struct ReservationTest : testing::Test {
  RecordingLedger ledger;
  std::shared_ptr<const PriceTable> prices =
      PriceTable::make({priced("claude-cheap", 1), priced("claude-dear", 10)}).value();

  // So many dollars for a million tokens of any kind.
  static PriceRow priced(const char* model, NanoUsd dollars) {
    const NanoUsd rate = dollars * nano_usd_per_usd;
    return {.models = {model}, .rates = {rate, rate, rate, rate, rate}};
  }
  Reservation reserved(std::string_view model = "claude-cheap") {
    LedgerEntry begun{.key = KeyId{2}, .held = 64};
    begun.model = model;
    return {ledger, LedgerSlot{1}, begun, prices};
  }
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
  EXPECT_EQ(ledger.marks[0].cost, 25'000);
  EXPECT_EQ(ledger.marks[1].cost, 28'000);
  EXPECT_EQ(entry().cost, 28'000);
  EXPECT_EQ(ledger.entries.size(), 1u);
  EXPECT_EQ(entry().usage, (Usage{.input = 25, .output = 3}));
  EXPECT_EQ(entry().delivery, Delivery::abandoned);
}

TEST_F(ReservationTest, ChargesNothingForWhatWasRefused) {
  Reservation reservation = reserved();
  reservation.mark({.input = 25});
  reservation.settle({.input = 25}, Delivery::refused);
  EXPECT_EQ(entry().usage, Usage{});
  EXPECT_EQ(entry().cost, 0);
  EXPECT_EQ(entry().price_version, 0u);
}

TEST_F(ReservationTest, IsPricedByTheModelThatServedOnceThatIsKnown) {
  Reservation reservation = reserved("claude-cheap");
  reservation.mark({.input = 10});
  EXPECT_EQ(ledger.marks.back().cost, 10'000);
  reservation.entry().served_model = std::string_view{"claude-dear-20261122"};
  reservation.mark({.input = 10});
  EXPECT_EQ(ledger.marks.back().cost, 100'000);
  reservation.settle({.input = 10, .output = 1}, Delivery::complete);
  EXPECT_EQ(entry().cost, 110'000);
  EXPECT_EQ(entry().price_version, price_version(prices->rows()[1]));
  EXPECT_FALSE(entry().is_unpriced);
}

TEST_F(ReservationTest, SaysThatAModelHasNoPrice) {
  Reservation reservation = reserved("claude-unheard-of");
  reservation.settle({.output = 1}, Delivery::complete);
  EXPECT_TRUE(entry().is_unpriced);
  EXPECT_EQ(entry().cost, 0);
  EXPECT_EQ(entry().price_version, 0u);
}

TEST_F(ReservationTest, KeepsThePricesOfTheMomentOfItsAdmission) {
  Reservation reservation = reserved();
  prices = std::make_shared<const PriceTable>();
  Reservation moved = std::move(reservation);
  moved.settle({.input = 1}, Delivery::complete);
  EXPECT_EQ(entry().cost, 1'000);
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
