#include "core/price.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/crc.h"
#include "base/utf8.h"

namespace relay::core {
namespace {

__extension__ typedef __int128 Wide;

constexpr NanoUsd rate_max = limits::price_usd_max * nano_usd_per_usd;
constexpr Factor factor_max = limits::price_factor_max * factor_one;
constexpr std::int64_t factors_one = std::int64_t{factor_one} * factor_one * factor_one;
constexpr std::int64_t tokens_per_rate = 1'000'000;
constexpr std::int64_t searches_per_rate = 1'000;

// The sum is kept in nano-dollars over this, so that nothing is lost before it is rounded.
constexpr std::int64_t denominator = tokens_per_rate * factors_one;

// The largest cost there can be: every count, rate and factor at its bound.
constexpr Wide tokens_cost_max = Wide{5} * limits::tokens_per_count_max * rate_max * factor_max *
                                 limits::price_factor_max * limits::price_factor_max * factor_one *
                                 factor_one;
constexpr Wide searches_cost_max =
    Wide{limits::tokens_per_count_max} * rate_max * (denominator / searches_per_rate);
static_assert((tokens_cost_max + searches_cost_max) / denominator < INT64_MAX);

struct RateName {
  std::string_view name;
  NanoUsd TokenRates::*rate;
  TokenCount Usage::*count;
};
constexpr std::array rate_names = {
    RateName{"input", &TokenRates::input, &Usage::input},
    RateName{"output", &TokenRates::output, &Usage::output},
    RateName{"cache_write_5m", &TokenRates::cache_write_5m, &Usage::cache_write_5m},
    RateName{"cache_write_1h", &TokenRates::cache_write_1h, &Usage::cache_write_1h},
    RateName{"cache_read", &TokenRates::cache_read, &Usage::cache_read}};

std::int64_t bounded(std::int64_t count) noexcept {
  return std::clamp<std::int64_t>(count, 0, limits::tokens_per_count_max);
}

const TokenRates& rates_for(const Usage& usage, const ServiceTerms& terms,
                            const PriceRow& row) noexcept {
  if (terms.is_fast && row.fast_rates) return *row.fast_rates;
  const TokenCount prompt = bounded(usage.input) + bounded(usage.cache_write_5m) +
                            bounded(usage.cache_write_1h) + bounded(usage.cache_read);
  return row.long_prompt && prompt > row.long_prompt->above ? row.long_prompt->rates : row.rates;
}

std::int64_t factors_for(const ServiceTerms& terms, const PriceRow& row) noexcept {
  const Factor fast = terms.is_fast ? row.fast.value_or(factor_one) : factor_one;
  const Factor us = terms.geo == InferenceGeo::us ? row.us.value_or(factor_one) : factor_one;
  const Factor batch =
      terms.tier == ServiceTier::batch ? row.batch.value_or(factor_one) : factor_one;
  return std::int64_t{fast} * us * batch;
}

std::string canonical(const TokenRates& rates) {
  return fmt::format("{},{},{},{},{};", rates.input, rates.output, rates.cache_write_5m,
                     rates.cache_write_1h, rates.cache_read);
}

std::string fault_in_rates(const TokenRates& rates, std::string_view prefix) {
  for (const RateName& each : rate_names) {
    const NanoUsd rate = rates.*each.rate;
    if (rate == TokenRates::missing) return fmt::format("{}{} is missing", prefix, each.name);
    if (rate < 0 || rate > rate_max) {
      return fmt::format("{}{}: expected dollars from 0 to {}", prefix, each.name,
                         limits::price_usd_max);
    }
  }
  return {};
}

std::string fault_in_factor(std::optional<Factor> factor, std::string_view name) {
  if (!factor || (*factor >= 0 && *factor <= factor_max)) return {};
  return fmt::format("{}: expected a factor from 0 to {}", name, limits::price_factor_max);
}

bool is_model_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= limits::price_model_bytes_max &&
         std::ranges::all_of(text, [](char byte) { return byte > ' ' && byte < '\x7f'; });
}

std::string fault_in_models(const std::vector<std::string>& models) {
  if (models.empty()) return "models is missing";
  if (models.size() > limits::price_models_max) {
    return fmt::format("models: more than {}", limits::price_models_max);
  }
  if (!std::ranges::all_of(models, is_model_id)) {
    return fmt::format("models: expected ids, at most {} characters without spaces",
                       limits::price_model_bytes_max);
  }
  return {};
}

std::string fault_in_long_prompt(const LongPrompt& prompt) {
  if (prompt.above < 1 || prompt.above > limits::tokens_per_count_max) {
    return "long_prompt.above: expected a number of tokens";
  }
  return fault_in_rates(prompt.rates, "long_prompt.");
}

std::string fault_in_fast(const PriceRow& row) {
  if (row.fast && row.fast_rates) return "fast: expected a factor or rates, not both";
  if (row.fast) return fault_in_factor(row.fast, "fast");
  return row.fast_rates ? fault_in_rates(*row.fast_rates, "fast.") : std::string{};
}

std::string fault_in_rest(const PriceRow& row) {
  if (row.web_search && (*row.web_search < 0 || *row.web_search > rate_max)) {
    return fmt::format("web_search: expected dollars from 0 to {}", limits::price_usd_max);
  }
  if (row.valid_from && row.valid_to && *row.valid_from >= *row.valid_to) {
    return "valid_to: expected a time after valid_from";
  }
  if (count_code_points(row.source) > limits::price_source_characters_max)
    return fmt::format("source: expected at most {} characters",
                       limits::price_source_characters_max);
  return {};
}

}  // namespace

std::uint32_t price_version(const PriceRow& row) {
  std::string text = canonical(row.rates);
  if (row.long_prompt) {
    text += fmt::format("above {}:{}", row.long_prompt->above, canonical(row.long_prompt->rates));
  }
  if (row.fast) text += fmt::format("fast {};", *row.fast);
  if (row.fast_rates) text += fmt::format("fast:{}", canonical(*row.fast_rates));
  if (row.us) text += fmt::format("us {};", *row.us);
  if (row.batch) text += fmt::format("batch {};", *row.batch);
  if (row.web_search) text += fmt::format("search {};", *row.web_search);
  const std::uint32_t crc = crc32c(std::as_bytes(std::span{text}));
  return crc == 0 ? 1 : crc;
}

std::string fault_in(const PriceRow& row) {
  for (std::string fault :
       {fault_in_models(row.models), fault_in_rates(row.rates, ""),
        row.long_prompt ? fault_in_long_prompt(*row.long_prompt) : std::string{},
        fault_in_fast(row), fault_in_factor(row.us, "us"), fault_in_factor(row.batch, "batch"),
        fault_in_rest(row)}) {
    if (!fault.empty()) return fault;
  }
  return {};
}

NanoUsd cost_of(const Usage& usage, const ServiceTerms& terms, const PriceRow& row) noexcept {
  const TokenRates& rates = rates_for(usage, terms, row);
  Wide sum = 0;
  for (const RateName& each : rate_names) {
    sum += Wide{bounded(usage.*each.count)} * (rates.*each.rate);
  }
  sum *= factors_for(terms, row);
  sum += Wide{bounded(usage.web_searches)} * row.web_search.value_or(0) *
         (denominator / searches_per_rate);
  return static_cast<NanoUsd>((sum + denominator / 2) / denominator);
}

bool prices_all_of(const Usage& usage, const ServiceTerms& terms, const PriceRow& row) noexcept {
  return (usage.web_searches == 0 || row.web_search) &&
         (!terms.is_fast || row.fast || row.fast_rates) &&
         (terms.geo != InferenceGeo::us || row.us) &&
         (terms.tier != ServiceTier::batch || row.batch);
}

}  // namespace relay::core
