#include "app/price_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_fixture.h"
#include "base/rfc3339.h"
#include "core/price_table.h"
#include "core/usd_text.h"

namespace relay::app {
namespace {

using core::PriceRow;
using testing::HasSubstr;
using testing::IsEmpty;

PriceRows embedded() {
  PriceRows all;
  Problems problems;
  read_price_file("prices.yaml", std::string{embedded_prices()}, core::PriceOrigin::embedded, all,
                  problems);
  EXPECT_THAT(problems, IsEmpty());
  return all;
}

struct EmbeddedPrices : testing::Test {
  std::shared_ptr<const core::PriceTable> table = core::PriceTable::make(embedded().rows).value();

  static WallTime at(const char* day) {
    return parse_rfc3339(std::string{day} + "T00:00:00Z").value();
  }
  const PriceRow& row(const char* model, const char* day = "2026-11-22") {
    const PriceRow* const found = table->find(model, at(day));
    EXPECT_NE(found, nullptr) << model;
    static const PriceRow none;
    return found == nullptr ? none : *found;
  }
  static std::string text(const core::TokenRates& rates) {
    std::string text;
    for (const core::NanoUsd rate : {rates.input, rates.output, rates.cache_write_5m,
                                     rates.cache_write_1h, rates.cache_read}) {
      text += (text.empty() ? "" : " ") + core::usd_text(rate);
    }
    return text;
  }
};

TEST_F(EmbeddedPrices, AreForEveryModelByItsUsualIds) {
  for (const char* model : {"claude-2.1",
                            "claude-3-haiku-20240307",
                            "claude-3-opus-20240229",
                            "claude-3-opus-latest",
                            "claude-3-sonnet-20240229",
                            "claude-3-5-sonnet-20241022",
                            "claude-3-5-haiku-latest",
                            "claude-3-7-sonnet-20250219",
                            "claude-opus-4-20250514",
                            "claude-opus-4-0",
                            "claude-opus-4-1-20250805",
                            "claude-opus-4-5-20251101",
                            "claude-opus-4-6",
                            "claude-opus-4-7",
                            "claude-opus-4-8",
                            "claude-opus-5",
                            "claude-opus-5[1m]",
                            "claude-opus-5-5",
                            "claude-sonnet-4-20250514",
                            "claude-sonnet-4-0",
                            "claude-sonnet-4-5-20250929",
                            "claude-sonnet-4-6[1m]",
                            "claude-sonnet-5",
                            "claude-sonnet-5-5",
                            "claude-haiku-4-5-20251001",
                            "claude-haiku-5-5",
                            "claude-fable-5",
                            "claude-fable-5-1",
                            "claude-fable-5-2",
                            "claude-mythos-5",
                            "claude-mythos-5-1"}) {
    EXPECT_NE(table->find(model, at("2026-11-22")), nullptr) << model;
  }
  EXPECT_EQ(table->find("claude-sonnet-6", at("2026-11-22")), nullptr);
}

TEST_F(EmbeddedPrices, SayWhereTheyComeFrom) {
  for (const PriceRow& each : table->rows()) {
    EXPECT_THAT(each.source, HasSubstr("https://platform.claude.com/")) << each.models[0];
    EXPECT_FALSE(each.checked_on.empty()) << each.models[0];
  }
}

// What is not so is written down here, so that it is meant.
TEST_F(EmbeddedPrices, KeepTheUsualRatiosButForTheExceptions) {
  const auto check = [](const PriceRow& row, const core::TokenRates& rates) {
    const std::string& model = row.models[0];
    if (model == "claude-2") return;  // No prompt cache.
    if (model == "claude-3-haiku") {
      EXPECT_EQ(text(rates), "0.25 1.25 0.3 0.5 0.03");
      return;
    }
    EXPECT_EQ(4 * rates.cache_write_5m, 5 * rates.input) << model;
    EXPECT_EQ(rates.cache_write_1h, 2 * rates.input) << model;
    const bool is_dearer = row.long_prompt && rates == row.long_prompt->rates;
    const bool is_exception = is_dearer && model != "claude-haiku-5-5";
    EXPECT_EQ(4 * rates.output, (is_exception ? 15 : 20) * rates.input) << model;
  };
  for (const PriceRow& each : table->rows()) {
    check(each, each.rates);
    if (each.long_prompt) check(each, each.long_prompt->rates);
  }
}

TEST_F(EmbeddedPrices, ReadTheCacheAtATenthButForTheExceptions) {
  const std::map<std::string, int> parts_of_input = {
      {"claude-fable-5-2", 40}, {"claude-fable-5-1", 40}, {"claude-opus-5-5", 20}};
  for (const PriceRow& each : table->rows()) {
    const std::string& model = each.models[0];
    if (model == "claude-2" || model == "claude-3-haiku") continue;
    const auto exception = parts_of_input.find(model);
    int parts = exception == parts_of_input.end() ? 10 : exception->second;
    if (model == "claude-sonnet-5-5" && each.valid_from) parts = 20;
    EXPECT_EQ(parts * each.rates.cache_read, each.rates.input) << model;
  }
}

TEST_F(EmbeddedPrices, ChangeOnTheDayTheyChanged) {
  EXPECT_EQ(text(row("claude-sonnet-5-5", "2026-10-06").rates), "2 10 2.5 4 0.2");
  EXPECT_EQ(text(row("claude-sonnet-5-5", "2026-10-07").rates), "2 10 2.5 4 0.1");
  const WallTime last = at("2026-10-07") - std::chrono::milliseconds{1};
  EXPECT_EQ(text(table->find("claude-sonnet-5-5", last)->rates), "2 10 2.5 4 0.2");
  for (const char* model : {"claude-opus-4-6", "claude-sonnet-4-6"}) {
    EXPECT_TRUE(row(model, "2026-03-12").long_prompt) << model;
    EXPECT_FALSE(row(model, "2026-03-13").long_prompt) << model;
  }
}

TEST_F(EmbeddedPrices, OfHaikuFiveFiveDoubleFromOneHundredThousandTokensOn) {
  const PriceRow& haiku = row("claude-haiku-5-5");
  EXPECT_EQ(text(haiku.rates), "0.1 0.5 0.125 0.2 0.01");
  EXPECT_EQ(text(haiku.long_prompt->rates), "0.5 2.5 0.625 1 0.05");
  const core::Usage most{.input = 50'000, .output = 1'000, .cache_read = 50'000};
  core::Usage more = most;
  more.input += 1;
  EXPECT_EQ(core::cost_of(most, {}, haiku), 50'000 * 100 + 1'000 * 500 + 50'000 * 10);
  EXPECT_EQ(core::cost_of(more, {}, haiku), 50'001 * 500 + 1'000 * 2'500 + 50'000 * 50);
}

TEST_F(EmbeddedPrices, KnowFastModeTheUsAndBatches) {
  const core::Usage usage{.input = 1'000'000, .output = 1'000'000};
  const auto dollars = [&](const char* model, core::ServiceTerms terms) {
    EXPECT_TRUE(core::prices_all_of(usage, terms, row(model))) << model;
    return core::usd_text(core::cost_of(usage, terms, row(model)));
  };
  EXPECT_EQ(dollars("claude-opus-5-5", {.is_fast = true}), "48");
  EXPECT_EQ(dollars("claude-opus-4-6", {.is_fast = true}), "180");
  EXPECT_EQ(dollars("claude-opus-5-5", {.geo = core::InferenceGeo::us}), "26.4");
  EXPECT_EQ(dollars("claude-haiku-4-5", {.tier = core::ServiceTier::batch}), "3");
  EXPECT_FALSE(core::prices_all_of(usage, {.is_fast = true}, row("claude-sonnet-5-5")));
  EXPECT_EQ(core::usd_text(core::cost_of({.web_searches = 1}, {}, row("claude-opus-5-5"))), "0.01");
}

using PriceFile = ConfigFixture;

constexpr std::string_view own = R"(prices:
  - models: [claude-sonnet-5, house-model]
    input: 1
    output: 5.000000001
    cache_write_5m: 1.25
    cache_write_1h: 2
    cache_read: 0.1
    fast: { input: 2, output: 10, cache_write_5m: 2.5, cache_write_1h: 4, cache_read: 0.2 }
    long_prompt:
      { above: 1000, input: 2, output: 10, cache_write_5m: 2.5, cache_write_1h: 4, cache_read: 0.2 }
    valid_from: 2026-11-01
)";

TEST_F(PriceFile, PrevailsOverWhatIsBuiltIn) {
  write("own.yaml", own);
  set("RELAY_PRICES_FILE", (folder_ / "own.yaml").string());
  const Config config = loaded().config;
  const auto table = core::PriceTable::make(config.prices.rows, config.prices.unpriced).value();
  const auto input = [&](const char* model, const char* time) {
    const PriceRow* const row = table->find(model, parse_rfc3339(time).value());
    return row == nullptr ? "none" : core::usd_text(row->rates.input);
  };
  EXPECT_EQ(input("house-model", "2026-11-01T00:00:00Z"), "1");
  EXPECT_EQ(input("house-model", "2026-10-31T23:59:59Z"), "none");
  EXPECT_EQ(input("claude-sonnet-5", "2026-11-01T00:00:00Z"), "1");
  EXPECT_EQ(input("claude-sonnet-5", "2026-10-31T23:59:59Z"), "2");
}

TEST_F(PriceFile, SaysWhatIsWrongAndWhere) {
  const auto wrong = [this](std::string from, std::string to) {
    std::string text{own};
    text.replace(text.find(from), from.size(), to);
    write("own.yaml", text);
    set("RELAY_PRICES_FILE", (folder_ / "own.yaml").string());
    return problems();
  };
  EXPECT_EQ(wrong("input: 1\n", "input: free\n"),
            "own.yaml:3:12: input: expected dollars, with at most nine places\n");
  EXPECT_EQ(wrong("input: 1\n", "inptu: 1\n"),
            "own.yaml:3:5: unknown key 'inptu' in a price; did you mean 'input'?\n");
  EXPECT_EQ(wrong("    input: 1\n", ""), "own.yaml:2:5: input is missing\n");
  EXPECT_EQ(wrong("output: 5.000000001", "input: 5"), "own.yaml:4:5: input is there twice\n");
  EXPECT_EQ(wrong("above: 1000,", ""),
            "own.yaml:2:5: long_prompt.above: expected a number of tokens\n");
  EXPECT_EQ(wrong("above: 1000", "abvoe: 1000"),
            "own.yaml:10:9: unknown key 'abvoe' in long_prompt; did you mean 'above'?\n");
  EXPECT_EQ(wrong("cache_read: 0.1\n", "cache_read: [0.1]\n"),
            "own.yaml:7:17: cache_read: expected one value\n");
  EXPECT_EQ(wrong("valid_from: 2026-11-01", "long: 1"),
            "own.yaml:11:5: unknown key 'long' in a price\n");
  EXPECT_EQ(wrong("[claude-sonnet-5, house-model]", "[twice, twice]"),
            "own.yaml:2:5: twice has another price at the same time\n");
  EXPECT_EQ(wrong("prices:", "price:"),
            "own.yaml:1:1: unknown key 'price' in the file; did you mean 'prices'?\n");
  EXPECT_THAT(wrong("prices:", "- prices:"), HasSubstr("own.yaml:"));
  EXPECT_THAT(wrong("[claude", "[[claude"), HasSubstr("own.yaml:"));
  set("RELAY_PRICES_FILE", (folder_ / "none.yaml").string());
  EXPECT_THAT(problems(), HasSubstr("none.yaml: "));
}

TEST_F(PriceFile, KnowsTheModelThatUnpricedOnesAreChargedAs) {
  set("RELAY_PRICES_UNPRICED", "as:claude-opus-5-5");
  EXPECT_EQ(loaded().config.prices.unpriced.as_model, "claude-opus-5-5");
  set("RELAY_PRICES_UNPRICED", "block");
  EXPECT_TRUE(loaded().config.prices.unpriced.blocks);
  set("RELAY_PRICES_UNPRICED", "as:nothing");
  EXPECT_EQ(problems(), "prices: unpriced models cannot be charged as nothing: it has no price\n");
  set("RELAY_PRICES_UNPRICED", "perhaps");
  EXPECT_THAT(problems(), HasSubstr("expected allow | block | as:MODEL"));
}

}  // namespace
}  // namespace relay::app
