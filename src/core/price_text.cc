#include "core/price_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>

#include "base/rfc3339.h"
#include "core/usd_text.h"

namespace relay::core {
namespace {

using Set = std::expected<void, std::string>;

constexpr NanoUsd nano_per_factor = nano_usd_per_usd / factor_one;
constexpr std::string_view midnight = "T00:00:00.000Z";

std::unexpected<std::string> expected(const char* what) {
  return std::unexpected{std::string{"expected "} + what};
}

Set set_dollars(NanoUsd& into, std::string_view text) {
  const std::optional<NanoUsd> dollars = parse_usd(text);
  if (!dollars || *dollars < 0) return expected("dollars, with at most nine places");
  into = *dollars;
  return {};
}

Set set_factor(std::optional<Factor>& into, std::string_view text) {
  const std::optional<NanoUsd> factor = parse_usd(text);
  const bool is_factor = factor && *factor >= 0 && *factor % nano_per_factor == 0 &&
                         *factor / nano_per_factor <= limits::price_factor_max * factor_one;
  if (!is_factor) return expected("a factor up to 10, with at most four places");
  into = static_cast<Factor>(*factor / nano_per_factor);
  return {};
}

Set set_tokens(TokenCount& into, std::string_view text) {
  TokenCount tokens = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tokens);
  if (error != std::errc{} || end != text.data() + text.size() || tokens < 1) {
    return expected("a number of tokens");
  }
  into = tokens;
  return {};
}

// A day is its beginning in UTC.
std::optional<WallTime> parse_time(std::string_view text) {
  const bool is_day = text.size() == std::string_view{"2026-11-22"}.size();
  return parse_rfc3339(std::string{text} + std::string{is_day ? midnight : ""});
}

Set set_time(std::optional<WallTime>& into, std::string_view text) {
  const std::optional<WallTime> time = parse_time(text);
  if (!time) return expected("a day (2026-11-22) or a time (2026-11-22T10:00:00Z)");
  into = time;
  return {};
}

Set set_day(std::string& into, std::string_view text) {
  const std::optional<WallTime> time = parse_time(text);
  if (!time || price_time_text(*time) != text || text.size() > 10) {
    return expected("a day (2026-11-22)");
  }
  into = text;
  return {};
}

// What a member is called, how it is set, and what it says: nothing, if it is not there.
struct Member {
  std::string path;
  std::function<Set(PriceRow&, std::string_view)> set;
  std::function<std::vector<std::string>(const PriceRow&)> show;
};

std::vector<std::string> dollars_or_nothing(NanoUsd dollars) {
  if (dollars == TokenRates::missing) return {};
  return {usd_text(dollars)};
}

void add_rates(std::vector<Member>& all, const std::string& prefix, TokenRates& (*place)(PriceRow&),
               const TokenRates* (*find)(const PriceRow&)) {
  struct Rate {
    const char* name;
    NanoUsd TokenRates::*rate;
  };
  for (const Rate each : {Rate{"input", &TokenRates::input}, Rate{"output", &TokenRates::output},
                          Rate{"cache_write_5m", &TokenRates::cache_write_5m},
                          Rate{"cache_write_1h", &TokenRates::cache_write_1h},
                          Rate{"cache_read", &TokenRates::cache_read}}) {
    all.push_back({prefix + each.name,
                   [place, each](PriceRow& row, std::string_view text) {
                     NanoUsd dollars = 0;
                     const Set done = set_dollars(dollars, text);
                     if (done) place(row).*each.rate = dollars;
                     return done;
                   },
                   [find, each](const PriceRow& row) -> std::vector<std::string> {
                     const TokenRates* const rates = find(row);
                     return rates == nullptr ? std::vector<std::string>{}
                                             : dollars_or_nothing(rates->*each.rate);
                   }});
  }
}

LongPrompt& long_prompt_of(PriceRow& row) {
  if (!row.long_prompt) row.long_prompt.emplace();
  return *row.long_prompt;
}

TokenRates& fast_rates_of(PriceRow& row) {
  if (!row.fast_rates) row.fast_rates.emplace();
  return *row.fast_rates;
}

void add_long_prompt(std::vector<Member>& all) {
  all.push_back({"long_prompt.above",
                 [](PriceRow& row, std::string_view text) {
                   TokenCount above = 0;
                   const Set done = set_tokens(above, text);
                   if (done) long_prompt_of(row).above = above;
                   return done;
                 },
                 [](const PriceRow& row) -> std::vector<std::string> {
                   if (!row.long_prompt || row.long_prompt->above == 0) return {};
                   return {std::to_string(row.long_prompt->above)};
                 }});
  add_rates(
      all, "long_prompt.", [](PriceRow& row) -> TokenRates& { return long_prompt_of(row).rates; },
      [](const PriceRow& row) { return row.long_prompt ? &row.long_prompt->rates : nullptr; });
}

void add_factor(std::vector<Member>& all, const char* name,
                std::optional<Factor> PriceRow::*factor) {
  all.push_back(
      {name,
       [factor](PriceRow& row, std::string_view text) { return set_factor(row.*factor, text); },
       [factor](const PriceRow& row) -> std::vector<std::string> {
         if (!(row.*factor)) return {};
         return {factor_text(*(row.*factor))};
       }});
}

void add_factors(std::vector<Member>& all) {
  add_factor(all, "fast", &PriceRow::fast);
  add_rates(all, "fast.", fast_rates_of,
            [](const PriceRow& row) { return row.fast_rates ? &*row.fast_rates : nullptr; });
  add_factor(all, "us", &PriceRow::us);
  add_factor(all, "batch", &PriceRow::batch);
}

void add_times(std::vector<Member>& all) {
  const auto add = [&all](const char* name, std::optional<WallTime> PriceRow::*time) {
    all.push_back(
        {name, [time](PriceRow& row, std::string_view text) { return set_time(row.*time, text); },
         [time](const PriceRow& row) -> std::vector<std::string> {
           if (!(row.*time)) return {};
           return {price_time_text(*(row.*time))};
         }});
  };
  add("valid_from", &PriceRow::valid_from);
  add("valid_to", &PriceRow::valid_to);
}

void add_notes(std::vector<Member>& all) {
  const auto show = [](std::string PriceRow::*text) {
    return [text](const PriceRow& row) -> std::vector<std::string> {
      if ((row.*text).empty()) return {};
      return {row.*text};
    };
  };
  all.push_back({"source",
                 [](PriceRow& row, std::string_view text) -> Set {
                   row.source = text;
                   return {};
                 },
                 show(&PriceRow::source)});
  all.push_back({"checked_on",
                 [](PriceRow& row, std::string_view text) { return set_day(row.checked_on, text); },
                 show(&PriceRow::checked_on)});
}

std::vector<Member> make_members() {
  std::vector<Member> all;
  all.push_back({"models",
                 [](PriceRow& row, std::string_view text) -> Set {
                   row.models.emplace_back(text);
                   return {};
                 },
                 [](const PriceRow& row) { return row.models; }});
  add_rates(
      all, "", [](PriceRow& row) -> TokenRates& { return row.rates; },
      [](const PriceRow& row) { return &row.rates; });
  all.push_back({"web_search",
                 [](PriceRow& row, std::string_view text) {
                   NanoUsd dollars = 0;
                   const Set done = set_dollars(dollars, text);
                   if (done) row.web_search = dollars;
                   return done;
                 },
                 [](const PriceRow& row) -> std::vector<std::string> {
                   if (!row.web_search) return {};
                   return {usd_text(*row.web_search)};
                 }});
  add_long_prompt(all);
  add_factors(all);
  add_times(all);
  add_notes(all);
  return all;
}

const std::vector<Member>& members() {
  static const std::vector<Member> all = make_members();
  return all;
}

}  // namespace

std::expected<void, std::string> set_price_member(PriceRow& row, std::string_view path,
                                                  std::string_view text) {
  return std::ranges::find(members(), path, &Member::path)->set(row, text);
}

std::vector<PriceMember> price_members(const PriceRow& row) {
  std::vector<PriceMember> shown;
  for (const Member& member : members()) {
    for (std::string& text : member.show(row)) shown.push_back({member.path, std::move(text)});
  }
  return shown;
}

bool is_price_member(std::string_view path) noexcept {
  return std::ranges::find(members(), path, &Member::path) != members().end();
}

std::vector<std::string> price_member_names(std::string_view below) {
  const std::string prefix = below.empty() ? "" : std::string{below} + ".";
  std::vector<std::string> names;
  for (const Member& member : members()) {
    if (!member.path.starts_with(prefix)) continue;
    const std::string name = member.path.substr(prefix.size());
    const std::string first = name.substr(0, name.find('.'));
    if (std::ranges::find(names, first) == names.end()) names.push_back(first);
  }
  return names;
}

std::string price_time_text(WallTime time) {
  std::string text = to_rfc3339(time);
  if (text.ends_with(midnight)) text.resize(text.size() - midnight.size());
  return text;
}

std::string factor_text(Factor factor) {
  return usd_text(factor * nano_per_factor);
}

}  // namespace relay::core
