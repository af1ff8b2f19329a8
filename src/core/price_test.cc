#include "core/price.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "core/price_table.h"

namespace relay::core {
namespace {

constexpr NanoUsd usd = nano_usd_per_usd;

PriceRow sonnet() {
  return {.models = {"claude-sonnet-4-5"},
          .rates = {3 * usd, 15 * usd, 3 * usd + usd * 3 / 4, 6 * usd, usd * 3 / 10},
          .web_search = 10 * usd};
}

TEST(Price, IsTheSumOfAllKindsOfTokens) {
  const Usage usage{.input = 1'000'000,
                    .output = 100'000,
                    .cache_write_5m = 10'000,
                    .cache_write_1h = 1'000,
                    .cache_read = 100};
  EXPECT_EQ(cost_of(usage, {}, sonnet()), 3 * usd + usd * 3 / 2 + 37'500'000 + 6'000'000 + 30'000);
  EXPECT_EQ(cost_of({.cache_read = 1}, {}, sonnet()), 300);
  EXPECT_EQ(cost_of({}, {}, sonnet()), 0);
}

TEST(Price, CountsWebSearchesByTheThousandAndWithoutFactors) {
  PriceRow row = sonnet();
  row.batch = factor_one / 2;
  EXPECT_EQ(cost_of({.web_searches = 3}, {}, row), 30'000'000);
  EXPECT_EQ(cost_of({.input = 2, .web_searches = 3}, {.tier = ServiceTier::batch}, row),
            30'000'000 + 3'000);
}

TEST(Price, OfALongPromptIsForTheWholeRequestFromTheFirstTokenBeyond) {
  PriceRow row = sonnet();
  row.long_prompt = {.above = 200'000, .rates = {6 * usd, 22 * usd, 7 * usd, 12 * usd, usd}};
  EXPECT_EQ(cost_of({.input = 200'000, .output = 1}, {}, row), 600'000'000 + 15'000);
  EXPECT_EQ(cost_of({.input = 200'001, .output = 1}, {}, row), 1'200'006'000 + 22'000);
  const Usage cached{
      .input = 1, .cache_write_5m = 99'999, .cache_write_1h = 1, .cache_read = 100'000};
  EXPECT_EQ(cost_of(cached, {}, row), 6'000 + 99'999 * 7'000 + 12'000 + 100'000 * 1'000);
  EXPECT_EQ(cost_of({.input = 1, .output = 900'000}, {}, row), 3'000 + 900'000 * NanoUsd{15'000})
      << "the output is no part of the prompt";
}

TEST(Price, IsMultipliedByEveryFactorThatApplies) {
  PriceRow row = sonnet();
  row.us = 11'000;
  row.batch = 5'000;
  row.fast = 60'000;
  EXPECT_EQ(cost_of({.input = 1'000}, {.geo = InferenceGeo::us}, row), 3'300'000);
  EXPECT_EQ(cost_of({.input = 1'000}, {.geo = InferenceGeo::global}, row), 3'000'000);
  EXPECT_EQ(cost_of({.input = 1'000}, {.tier = ServiceTier::batch}, row), 1'500'000);
  EXPECT_EQ(cost_of({.input = 1'000}, {.tier = ServiceTier::priority}, row), 3'000'000);
  EXPECT_EQ(cost_of({.input = 1'000},
                    {.tier = ServiceTier::batch, .geo = InferenceGeo::us, .is_fast = true}, row),
            9'900'000);
}

TEST(Price, OfFastModeMayHaveRatesOfItsOwn) {
  PriceRow row = sonnet();
  row.fast_rates = {8 * usd, 40 * usd, 10 * usd, 16 * usd, usd};
  row.long_prompt = {.above = 10, .rates = row.rates};
  EXPECT_EQ(cost_of({.input = 1'000, .output = 1}, {.is_fast = true}, row), 8'040'000);
}

TEST(Price, IsRoundedOnceAndHalfOfANanoDollarUp) {
  PriceRow row = sonnet();
  row.rates = {500, 500, 500, 500, 500};  // 0.0005 nano-dollars for a token.
  EXPECT_EQ(cost_of({.input = 999}, {}, row), 0);
  EXPECT_EQ(cost_of({.input = 1'000}, {}, row), 1);
  EXPECT_EQ(cost_of({.input = 2'999}, {}, row), 1);
  EXPECT_EQ(cost_of({.input = 500, .output = 500, .cache_read = 1'000}, {}, row), 1)
      << "kinds are not rounded one by one";
}

TEST(Price, FitsWhateverIsCountedAndChargedAtMost) {
  constexpr NanoUsd most = limits::price_usd_max * usd;
  constexpr Factor factor = limits::price_factor_max * factor_one;
  const PriceRow row{.models = {"dear"},
                     .rates = {most, most, most, most, most},
                     .web_search = most,
                     .fast = factor,
                     .us = factor,
                     .batch = factor};
  ASSERT_EQ(fault_in(row), "");
  constexpr auto all = std::int64_t{1} << 62;
  const Usage absurd{.input = all,
                     .output = all,
                     .cache_write_5m = all,
                     .cache_write_1h = all,
                     .cache_read = all,
                     .web_searches = INT32_MAX};
  EXPECT_EQ(cost_of(absurd, {ServiceTier::batch, InferenceGeo::us, true}, row),
            6'000'000'000 * usd);
  EXPECT_EQ(cost_of({.input = -5, .web_searches = -1}, {}, row), 0);
}

TEST(Price, SaysWhatItHasNoPriceFor) {
  PriceRow row = sonnet();
  EXPECT_TRUE(prices_all_of({.web_searches = 1}, {}, row));
  EXPECT_FALSE(prices_all_of({}, {.is_fast = true}, row));
  EXPECT_FALSE(prices_all_of({}, {.geo = InferenceGeo::us}, row));
  EXPECT_FALSE(prices_all_of({}, {.tier = ServiceTier::batch}, row));
  EXPECT_TRUE(prices_all_of({}, {ServiceTier::priority, InferenceGeo::other, false}, row));
  row.web_search.reset();
  EXPECT_FALSE(prices_all_of({.web_searches = 1}, {}, row));
}

TEST(Price, VersionNamesTheRatesAndNothingElse) {
  const PriceRow row = sonnet();
  PriceRow other = row;
  other.models = {"another"};
  other.valid_from = WallTime{std::chrono::hours{1}};
  other.source = "https://example.com";
  other.origin = PriceOrigin::stored;
  EXPECT_EQ(price_version(row), price_version(other));
  EXPECT_NE(price_version(row), 0u);

  const auto differs = [&row](auto change) {
    PriceRow changed = row;
    change(changed);
    return price_version(changed) != price_version(row);
  };
  EXPECT_TRUE(differs([](PriceRow& r) { r.rates.cache_read += 1; }));
  EXPECT_TRUE(differs([](PriceRow& r) { r.web_search = 0; }));
  EXPECT_TRUE(differs([](PriceRow& r) { r.fast = factor_one; }));
  EXPECT_TRUE(differs([](PriceRow& r) { r.fast_rates = r.rates; }));
  EXPECT_TRUE(differs([](PriceRow& r) { r.us = factor_one; }));
  EXPECT_TRUE(differs([](PriceRow& r) { r.batch = factor_one; }));
  EXPECT_TRUE(differs([](PriceRow& r) { r.long_prompt = {.above = 5, .rates = r.rates}; }));
}

TEST(Price, NamesTheMemberThatIsWrong) {
  const auto fault = [](auto change) {
    PriceRow row = sonnet();
    change(row);
    return fault_in(row);
  };
  EXPECT_EQ(fault([](PriceRow&) {}), "");
  EXPECT_EQ(fault([](PriceRow& r) { r.models.clear(); }), "models is missing");
  EXPECT_NE(fault([](PriceRow& r) { r.models.push_back("with space"); }), "");
  EXPECT_NE(fault([](PriceRow& r) { r.models.emplace_back(48, 'x'); }), "");
  EXPECT_EQ(fault([](PriceRow& r) { r.rates.cache_read = TokenRates::missing; }),
            "cache_read is missing");
  EXPECT_EQ(fault([](PriceRow& r) { r.fast_rates.emplace(); }), "fast.input is missing");
  EXPECT_EQ(fault([](PriceRow& r) { r.rates.input = 1'001 * usd; }),
            "input: expected dollars from 0 to 1000");
  EXPECT_NE(fault([](PriceRow& r) { r.long_prompt = {.above = 0, .rates = r.rates}; }), "");
  EXPECT_NE(fault([](PriceRow& r) { r.us = 100'001; }), "");
  const auto sourced = [](int characters) {
    return [characters](PriceRow& r) {
      for (int i = 0; i < characters; ++i) r.source += "价";
    };
  };
  EXPECT_EQ(fault([&](PriceRow& r) { r.source.clear(), sourced(500)(r); }), "");
  EXPECT_EQ(fault([&](PriceRow& r) { r.source.clear(), sourced(501)(r); }),
            "source: expected at most 500 characters");
  EXPECT_NE(fault([](PriceRow& r) { r.valid_from = r.valid_to = WallTime{}; }), "");
  EXPECT_NE(fault([](PriceRow& r) {
              r.fast = factor_one;
              r.fast_rates = r.rates;
            }),
            "");
}

// The same by long arithmetic on decimal digits, without any type that could overflow or round.
class Digits {
 public:
  explicit Digits(std::uint64_t number) {
    for (; number != 0; number /= 10) digits_.push_back(static_cast<int>(number % 10));
  }
  friend Digits operator+(const Digits& a, const Digits& b) {
    Digits sum{0};
    int carry = 0;
    for (std::size_t i = 0; i < std::max(a.digits_.size(), b.digits_.size()) || carry != 0; ++i) {
      carry += a.at(i) + b.at(i);
      sum.digits_.push_back(carry % 10);
      carry /= 10;
    }
    return sum;
  }
  friend Digits operator*(const Digits& a, const Digits& b) {
    Digits product{0};
    for (std::size_t i = 0; i < a.digits_.size(); ++i) {
      Digits row{0};
      row.digits_.assign(i, 0);
      int carry = 0;
      for (std::size_t j = 0; j < b.digits_.size() || carry != 0; ++j) {
        carry += a.digits_[i] * b.at(j);
        row.digits_.push_back(carry % 10);
        carry /= 10;
      }
      product = product + row;
    }
    return product;
  }
  // Without the last `places`, half of one up.
  [[nodiscard]] NanoUsd rounded(std::size_t places) const {
    NanoUsd number = 0;
    for (std::size_t i = digits_.size(); i > places; --i) number = 10 * number + at(i - 1);
    return number + (at(places - 1) >= 5 ? 1 : 0);
  }

 private:
  [[nodiscard]] int at(std::size_t i) const { return i < digits_.size() ? digits_[i] : 0; }
  std::vector<int> digits_;  // The last one first.
};

Digits digits(std::int64_t number) {
  return Digits{static_cast<std::uint64_t>(number)};
}

NanoUsd slow_cost(const Usage& usage, const ServiceTerms& terms, const PriceRow& row) {
  const bool is_long = row.long_prompt && usage.input + usage.cache_write() + usage.cache_read >
                                              row.long_prompt->above;
  TokenRates rates = is_long ? row.long_prompt->rates : row.rates;
  if (terms.is_fast && row.fast_rates) rates = *row.fast_rates;
  Digits sum = digits(usage.input) * digits(rates.input) +
               digits(usage.output) * digits(rates.output) +
               digits(usage.cache_write_5m) * digits(rates.cache_write_5m) +
               digits(usage.cache_write_1h) * digits(rates.cache_write_1h) +
               digits(usage.cache_read) * digits(rates.cache_read);
  sum = sum * digits(terms.is_fast && row.fast ? *row.fast : 10'000);
  sum = sum * digits(terms.geo == InferenceGeo::us && row.us ? *row.us : 10'000);
  sum = sum * digits(terms.tier == ServiceTier::batch && row.batch ? *row.batch : 10'000);
  // Twelve places of factors and six of a million; a thousand searches are three.
  Digits searches = digits(usage.web_searches) * digits(row.web_search.value_or(0));
  return (sum + searches * digits(1'000'000'000'000'000)).rounded(18);
}

struct Draw {
  std::mt19937_64 random;

  std::int64_t up_to(std::int64_t most) {
    const auto bits = random() % 64;
    return static_cast<std::int64_t>((random() >> bits) % static_cast<std::uint64_t>(most + 1));
  }
  bool chance() { return random() % 2 == 0; }
  TokenRates rates() {
    const auto rate = [this] { return up_to(limits::price_usd_max * usd); };
    return {rate(), rate(), rate(), rate(), rate()};
  }
  std::optional<Factor> factor() {
    if (chance()) return {};
    return static_cast<Factor>(up_to(100'000));
  }
  PriceRow row() {
    PriceRow row{.models = {"any"}, .rates = rates()};
    if (chance()) row.long_prompt = {.above = 1 + up_to(999'999), .rates = rates()};
    if (chance()) row.web_search = up_to(limits::price_usd_max * usd);
    row.us = factor();
    row.batch = factor();
    if (chance()) {
      row.fast = factor();
    } else {
      row.fast_rates = rates();
    }
    return row;
  }
  Usage usage() {
    const auto count = [this] { return up_to(limits::tokens_per_count_max); };
    return {.input = count(),
            .output = count(),
            .cache_write_5m = count(),
            .cache_write_1h = count(),
            .cache_read = count(),
            .web_searches = static_cast<std::int32_t>(count())};
  }
  ServiceTerms terms() {
    return {
        .tier = ServiceTier(random() % 4), .geo = InferenceGeo(random() % 4), .is_fast = chance()};
  }
};

TEST(Price, EqualsTheSameByLongArithmetic) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Draw draw{std::mt19937_64{seed}};
  for (int i = 0; i < 20'000; ++i) {
    const PriceRow row = draw.row();
    ASSERT_EQ(fault_in(row), "");
    const Usage usage = draw.usage();
    const ServiceTerms terms = draw.terms();
    ASSERT_EQ(cost_of(usage, terms, row), slow_cost(usage, terms, row)) << i;
  }
}

}  // namespace
}  // namespace relay::core
