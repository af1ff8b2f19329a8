#include "admin/price_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/price_text.h"

namespace relay::admin {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* haiku = R"([{
  "models": ["claude-haiku-5-5"],
  "input": 0.10, "output": 0.50, "cache_write_5m": "0.125", "cache_write_1h": "0.20",
  "cache_read": 1e-2, "web_search": 10, "us": 1.1, "batch": "0.5", "fast": null,
  "long_prompt": {"above": 100000, "input": 0.50, "output": 2.50, "cache_write_5m": 0.625,
                  "cache_write_1h": 1, "cache_read": 0.05},
  "valid_from": "2026-10-07", "source": "https://example.com", "checked_on": "2026-11-22"
}])";

std::string fault(const char* members) {
  json rows = json::parse(haiku);
  rows[0].update(json::parse(members));
  const auto parsed = parse_stored_prices(rows.dump());
  return parsed ? "" : parsed.error().message;
}

TEST(PriceJson, ReadsARow) {
  const auto rows = parse_stored_prices(haiku);
  ASSERT_TRUE(rows) << rows.error().message;
  const core::PriceRow& row = rows->at(0);
  EXPECT_EQ(row.origin, core::PriceOrigin::stored);
  EXPECT_EQ(row.rates.input, 100'000'000);
  EXPECT_EQ(row.rates.cache_read, 10'000'000);
  EXPECT_EQ(row.us, 11'000);
  EXPECT_EQ(row.long_prompt->above, 100'000);
  EXPECT_EQ(row.long_prompt->rates.cache_read, 50'000'000);
  EXPECT_EQ(row.web_search, 10 * core::nano_usd_per_usd);
}

TEST(PriceJson, ReadsWhatItShows) {
  core::PriceRow row = parse_stored_prices(haiku)->at(0);
  row.rates.input = 1;
  row.origin = core::PriceOrigin::file;
  core::PriceRow fast = row;
  fast.models = {"a", "b"};
  fast.fast_rates = core::TokenRates{1, 2, 3, 4, 5};
  const std::string text = prices_json(std::vector{row, fast});
  EXPECT_THAT(text, HasSubstr(R"("input":0.000000001,)"));
  const auto again = parse_stored_prices(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, (std::vector{row, fast}));
}

TEST(PriceJson, ShowsNumbersAsNumbersAndLeavesOutWhatIsNotThere) {
  const auto rows = parse_stored_prices(haiku);
  const std::string text = prices_json(*rows);
  EXPECT_THAT(text, Not(HasSubstr("fast")));
  const json shown = json::parse(text).at(0);
  EXPECT_EQ(shown["long_prompt"]["above"], 100'000);
  EXPECT_TRUE(shown["input"].is_number());
  EXPECT_TRUE(shown["us"].is_number());
  EXPECT_EQ(shown["valid_from"], "2026-10-07");
  EXPECT_EQ(shown["origin"], "stored");
  EXPECT_EQ(shown["version"], core::price_version(rows->at(0)));
}

TEST(PriceJson, NamesWhatIsWrong) {
  EXPECT_EQ(fault("{}"), "");
  EXPECT_THAT(fault(R"({"input": true})"), "data[0]: input: expected a number or text.");
  EXPECT_THAT(fault(R"({"input": -0.1})"), HasSubstr("data[0]: input: expected dollars"));
  EXPECT_THAT(fault(R"({"inptu": "1"})"), HasSubstr("inptu is unknown"));
  EXPECT_THAT(fault(R"({"input": {"x": "1"}})"), HasSubstr("input.x is unknown"));
  EXPECT_THAT(fault(R"({"long_prompt": "1"})"), HasSubstr("long_prompt is unknown"));
  EXPECT_THAT(fault(R"({"models": "m"})"), HasSubstr("models: expected an array"));
  EXPECT_THAT(fault(R"({"models": [1]})"), HasSubstr("models: expected an array"));
  EXPECT_THAT(fault(R"({"models": []})"), HasSubstr("models is missing"));
  EXPECT_THAT(fault(R"({"origin": "api"})"), HasSubstr("origin: expected embedded"));
  EXPECT_THAT(fault(R"({"us": "x"})"), HasSubstr("us: expected a factor"));
  EXPECT_THAT(fault(R"({"input": null})"), "data[0]: input is missing.");
}

TEST(PriceJson, RefusesWhatIsNoArrayOfObjects) {
  EXPECT_FALSE(parse_stored_prices("{}"));
  EXPECT_FALSE(parse_stored_prices("[1]"));
  EXPECT_FALSE(parse_stored_prices("no json"));
  EXPECT_TRUE(parse_stored_prices("[]"));
}

}  // namespace
}  // namespace relay::admin
