#include "core/price_change.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"
#include "core/price_table.h"
#include "core/usd_text.h"

namespace relay::core {
namespace {

WallTime day(const char* text) {
  return parse_rfc3339(std::string{text} + "T00:00:00Z").value();
}

PriceRow price(std::vector<std::string> models, NanoUsd dollars, const char* from) {
  const NanoUsd rate = dollars * nano_usd_per_usd;
  return {.models = std::move(models),
          .rates = {rate, rate, rate, rate, rate},
          .valid_from = day(from)};
}

std::string input(const std::vector<PriceRow>& rows, const char* model, const char* at) {
  const auto table = PriceTable::make(rows);
  EXPECT_TRUE(table) << table.error().message;
  const PriceRow* const row = table ? (*table)->find(model, day(at)) : nullptr;
  return row == nullptr ? "none" : usd_text(row->rates.input);
}

TEST(PriceChange, EndsWhatHeldBefore) {
  const auto rows = with_price({price({"m"}, 1, "2026-01-01")}, price({"m"}, 2, "2026-03-01"));
  EXPECT_EQ(rows.size(), 2u);
  EXPECT_EQ(input(rows, "m", "2026-02-28"), "1");
  EXPECT_EQ(input(rows, "m", "2026-03-01"), "2");
}

TEST(PriceChange, ReplacesWhatWasToHoldLater) {
  const std::vector<PriceRow> before = {price({"m"}, 1, "2026-03-01"),
                                        price({"m"}, 1, "2026-02-01")};
  std::vector<PriceRow> sound = {before[0], before[1]};
  sound[1].valid_to = day("2026-03-01");
  const auto rows = with_price(sound, price({"m"}, 2, "2026-02-01"));
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_EQ(input(rows, "m", "2026-01-31"), "none");
  EXPECT_EQ(input(rows, "m", "2026-04-01"), "2");
}

TEST(PriceChange, LeavesOtherModelsOfTheSameRowAlone) {
  const auto rows = with_price({price({"m", "n"}, 1, "2026-01-01")}, price({"m"}, 2, "2026-03-01"));
  EXPECT_EQ(input(rows, "n", "2026-04-01"), "1");
  EXPECT_EQ(input(rows, "m", "2026-04-01"), "2");
  EXPECT_EQ(input(rows, "m", "2026-02-01"), "1");
}

TEST(PriceChange, KeepsWhatIsOver) {
  PriceRow over = price({"m"}, 1, "2026-01-01");
  over.valid_to = day("2026-02-01");
  const auto rows = with_price({over}, price({"m"}, 2, "2026-03-01"));
  EXPECT_EQ(input(rows, "m", "2026-01-15"), "1");
  EXPECT_EQ(input(rows, "m", "2026-02-15"), "none");
}

TEST(PriceChange, IsTheSameWhenItIsMadeTwice) {
  const auto once = with_price({price({"m"}, 1, "2026-01-01")}, price({"m"}, 2, "2026-03-01"));
  EXPECT_EQ(with_price(once, price({"m"}, 2, "2026-03-01")), once);
}

}  // namespace
}  // namespace relay::core
