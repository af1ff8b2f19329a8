#include "core/price_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rfc3339.h"

namespace relay::core {
namespace {

using testing::HasSubstr;

WallTime day(const char* text) {
  return parse_rfc3339(std::string{text} + "T00:00:00Z").value();
}

// So many nano-dollars for a token.
PriceRow priced(std::vector<std::string> models, NanoUsd nano) {
  const NanoUsd rate = nano * 1'000'000;
  return {.models = std::move(models), .rates = {rate, rate, rate, rate, rate}};
}

PriceRow from(PriceRow row, const char* first) {
  row.valid_from = day(first);
  return row;
}
PriceRow until(PriceRow row, const char* end) {
  row.valid_to = day(end);
  return row;
}
PriceRow of(PriceRow row, PriceOrigin origin) {
  row.origin = origin;
  return row;
}

const WallTime today = day("2026-11-22");

struct PriceTableTest : testing::Test {
  std::shared_ptr<const PriceTable> table;

  void prices(std::vector<PriceRow> rows, UnpricedPolicy unpriced = {}) {
    auto made = PriceTable::make(std::move(rows), std::move(unpriced));
    ASSERT_TRUE(made) << made.error().message;
    table = *made;
  }
  // Of one token, in nano-dollars; -1: no price.
  NanoUsd price(std::string_view model, WallTime at = today) {
    const PriceRow* const row = table->find(model, at);
    return row == nullptr ? -1 : row->rates.input / 1'000'000;
  }
};

TEST_F(PriceTableTest, FindsAnIdWithADateOrALongContextBehindIt) {
  prices({priced({"claude-sonnet-5", "claude-sonnet-5-latest"}, 2)});
  for (const char* model : {"claude-sonnet-5", "claude-sonnet-5-20260929", "claude-sonnet-5[1m]",
                            "claude-sonnet-5-20260929[1m]", "claude-sonnet-5-latest"}) {
    EXPECT_EQ(price(model), 2) << model;
  }
}

TEST_F(PriceTableTest, NeverTakesAModelForOneWhoseIdItBeginsWith) {
  prices({priced({"claude-sonnet-5"}, 2), priced({"20260929"}, 3)});
  for (const char* model :
       {"claude-sonnet-5-5", "claude-sonnet-5-2026092", "claude-sonnet-5-202609290",
        "claude-sonnet-520260929", "claude-sonnet-5.20260929", "claude-sonnet-5[2m]",
        "claude-sonnet-5-[1m]", "claude-sonnet-", "Claude-Sonnet-5", "", "[1m]", "-20260929"}) {
    EXPECT_EQ(price(model), -1) << model;
  }
}

TEST_F(PriceTableTest, PrefersAPriceForTheSnapshotItself) {
  prices({priced({"claude-opus-4"}, 15), priced({"claude-opus-4-20250514"}, 14)});
  EXPECT_EQ(price("claude-opus-4-20250514"), 14);
  EXPECT_EQ(price("claude-opus-4-20250515"), 15);
}

TEST_F(PriceTableTest, ChangesAtTheMillisecond) {
  prices({until(priced({"m"}, 20), "2026-10-07"), from(priced({"m"}, 10), "2026-10-07")});
  EXPECT_EQ(price("m", day("2026-10-07") - std::chrono::milliseconds{1}), 20);
  EXPECT_EQ(price("m", day("2026-10-07")), 10);
  EXPECT_EQ(price("m", WallTime{}), 20);
}

TEST_F(PriceTableTest, LetsALaterOriginPrevailWhileItHolds) {
  prices({of(until(from(priced({"m"}, 3), "2026-03-01"), "2026-04-01"), PriceOrigin::stored),
          priced({"m"}, 1), of(from(priced({"m"}, 2), "2026-02-01"), PriceOrigin::file)});
  EXPECT_EQ(price("m", day("2026-01-15")), 1);
  EXPECT_EQ(price("m", day("2026-02-15")), 2);
  EXPECT_EQ(price("m", day("2026-03-15")), 3);
  EXPECT_EQ(price("m", day("2026-04-15")), 2);
}

TEST_F(PriceTableTest, RefusesTwoPricesOfOneOriginAtTheSameTime) {
  const auto fault = [](std::vector<PriceRow> rows) {
    auto made = PriceTable::make(std::move(rows));
    return made ? std::string{} : std::to_string(made.error().row) + " " + made.error().message;
  };
  EXPECT_EQ(fault({priced({"a", "m"}, 1), priced({"m", "z"}, 1)}),
            "1 m has another price at the same time");
  EXPECT_EQ(fault({priced({"m", "m"}, 1)}), "0 m has another price at the same time");
  EXPECT_EQ(fault({from(priced({"m"}, 1), "2026-01-01"), until(priced({"m"}, 1), "2026-01-02")}),
            "1 m has another price at the same time");
  EXPECT_EQ(fault({from(priced({"m"}, 1), "2026-01-01"), until(priced({"m"}, 1), "2026-01-01")}),
            "");
  EXPECT_EQ(fault({priced({"m"}, 1), priced({}, 1)}), "1 models is missing");
}

TEST_F(PriceTableTest, SaysThatAModelIsUnpricedUnlessThereIsNothingToPay) {
  prices({priced({"m"}, 7)});
  EXPECT_EQ(table->quote("x", today).charge({.output = 5}, {}),
            (PriceQuote::Charge{.is_unpriced = true}));
  EXPECT_EQ(table->quote("x", today).charge({}, {}), PriceQuote::Charge{});
  EXPECT_EQ(table->quote("x", today).charge({.web_searches = 1}, {}),
            (PriceQuote::Charge{.is_unpriced = true}));
  EXPECT_EQ(table->quote("m", today).charge({.output = 5}, {}),
            (PriceQuote::Charge{35, price_version(table->rows()[0]), false}));
  EXPECT_FALSE(table->quote("x", today).is_known());
  EXPECT_TRUE(table->quote("m", today).is_known());
}

TEST_F(PriceTableTest, ChargesWhatAKnownModelHasNoPriceForAsTheRestAndSaysSo) {
  prices({priced({"m"}, 7)});
  const PriceQuote::Charge charge =
      table->quote("m", today).charge({.output = 5}, {.is_fast = true});
  EXPECT_EQ(charge.cost, 35);
  EXPECT_TRUE(charge.is_unpriced);
}

TEST_F(PriceTableTest, ChargesAnUnpricedModelLikeTheOneItIsTold) {
  prices({priced({"m"}, 7)}, {.as_model = "m-20260101"});
  const PriceQuote quote = table->quote("x", today);
  EXPECT_FALSE(quote.is_known());
  EXPECT_EQ(quote.charge({.output = 5}, {}).cost, 35);
  EXPECT_TRUE(quote.charge({.output = 5}, {}).is_unpriced);
  EXPECT_FALSE(quote.charge({}, {}).is_unpriced);
  const auto refused = PriceTable::make({priced({"m"}, 7)}, {.as_model = "y"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().row, 1u);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot be charged as y"));
}

TEST_F(PriceTableTest, KnowsModelsByAnIdWithoutADate) {
  prices({priced({"m", "n-20260101"}, 7)});
  EXPECT_EQ(table->known_id("m-20260102[1m]"), "m");
  EXPECT_EQ(table->known_id("n-20260101"), "n-20260101");
  EXPECT_EQ(table->known_id("n-20260102"), "");
  EXPECT_EQ(table->known_id("x"), "");
}

TEST(PriceBook, KeepsWhatASnapshotHas) {
  PriceBook book;
  EXPECT_EQ(book.snapshot()->find("m", today), nullptr);
  book.replace(PriceTable::make({priced({"m"}, 7)}).value());
  const auto snapshot = book.snapshot();
  book.replace(std::make_shared<PriceTable>());
  EXPECT_NE(snapshot->find("m", today), nullptr);
  EXPECT_EQ(book.snapshot()->find("m", today), nullptr);
}

}  // namespace
}  // namespace relay::core
