#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "admin/json_body.h"
#include "admin/price_json.h"
#include "app/api_client.h"
#include "app/commands.h"
#include "app/price_list.h"
#include "base/rfc3339.h"
#include "core/usd_text.h"

namespace relay::app {
namespace {

using core::PriceRow;
using http::Method;
using Rows = std::vector<PriceRow>;

constexpr const char* prices_path = "/admin/prices";

// Read as the API reads them: no rate passes through a floating-point number.
Result<Rows> price_rows(AdminAccess& access) {
  const Result<std::string> reply = access.ask(Method::get, prices_path);
  if (!reply) return std::unexpected(reply.error());
  const Result<nlohmann::json> parsed = admin::parse_json(*reply);
  if (!parsed || !parsed->contains("data")) {
    return std::unexpected(admin::bad_request("the answer is not what a relay gives"));
  }
  return admin::parse_prices(parsed->at("data"));
}

std::string data_of(const Rows& rows) {
  return fmt::format("{{\"data\":{}}}", admin::prices_json(rows));
}

void print(const Rows& rows, const PriceOptions& options, const Terminal& terminal) {
  fmt::print(terminal.out, "{}", options.prints_json ? data_of(rows) + "\n" : price_list(rows));
}

std::string day_of(WallTime time) {
  return rfc3339_date(std::chrono::floor<std::chrono::days>(time));
}

int run_list(AdminAccess& access, const PriceOptions& options, WallTime now,
             const Terminal& terminal) {
  Result<Rows> rows = price_rows(access);
  if (!rows) return fail(rows.error(), terminal);
  const auto is_over = [now](const PriceRow& row) { return row.valid_to && *row.valid_to <= now; };
  if (!options.shows_all) std::erase_if(*rows, is_over);
  print(*rows, options, terminal);
  return exit_ok;
}

// Rows that hold and that nobody has compared with their source for so many days.
Rows stale_rows(const Rows& rows, WallTime now, int days) {
  const std::string oldest = day_of(now - std::chrono::days{days});
  Rows stale;
  std::ranges::copy_if(rows, std::back_inserter(stale), [&](const PriceRow& row) {
    return row.holds_at(now) && row.checked_on < oldest;
  });
  return stale;
}

// Models that something of had no price in the last 30 days, and how often.
Result<Json> unpriced_models(AdminAccess& access) {
  const Result<Json> usage = ask_json(access, Method::get, "/admin/usage?by=model");
  if (!usage) return usage;
  Json found = Json::array();
  for (const Json& group : usage->at("data")) {
    const auto count = group.at("unpriced").get<std::int64_t>();
    if (count > 0) found.push_back({{"model", group.at("model")}, {"requests", count}});
  }
  return found;
}

void print_check(const Json& unpriced, const Rows& stale, int days, const Terminal& terminal) {
  for (const Json& each : unpriced) {
    fmt::print(terminal.out, "no price, or not for all of it: {}, {} requests\n",
               shown(each, "model"), shown(each, "requests"));
  }
  if (!unpriced.empty()) {
    fmt::print(terminal.out, "set a price (price set), then charge by it (price reprice)\n");
  }
  if (stale.empty()) return;
  fmt::print(terminal.out, "not compared with their source for {} days:\n{}", days,
             price_list(stale));
}

int run_check(AdminAccess& access, const PriceOptions& options, WallTime now,
              const Terminal& terminal) {
  const Result<Rows> rows = price_rows(access);
  if (!rows) return fail(rows.error(), terminal);
  const Result<Json> unpriced = unpriced_models(access);
  if (!unpriced) return fail(unpriced.error(), terminal);
  const Rows stale = stale_rows(*rows, now, options.days);
  if (options.prints_json) {
    fmt::print(terminal.out, "{{\"unpriced\":{},\"stale\":{}}}\n", unpriced->dump(),
               admin::prices_json(stale));
  } else {
    print_check(*unpriced, stale, options.days, terminal);
  }
  return unpriced->empty() && stale.empty() ? exit_ok : exit_failure;
}

Result<PriceRow> row_of(const PriceOptions& options, WallTime now) {
  PriceRow row{.models = {options.model},
               .valid_from = now,
               .checked_on = day_of(now),
               .origin = core::PriceOrigin::stored};
  const Result<void> set = options.row.set(row);
  if (!set) return std::unexpected(set.error());
  std::string fault = core::fault_in(row);
  if (!fault.empty()) return std::unexpected(admin::bad_request(std::move(fault)));
  return row;
}

int run_set(AdminAccess& access, const PriceOptions& options, WallTime now,
            const Terminal& terminal) {
  const Result<PriceRow> row = row_of(options, now);
  if (!row) {
    fail(row.error(), terminal);
    return exit_usage;
  }
  const Result<std::string> kept = access.ask(Method::post, prices_path, admin::price_json(*row));
  if (!kept) return fail(kept.error(), terminal);
  print({*row}, options, terminal);
  return exit_ok;
}

// What all calls together did.
struct Repriced {
  std::int64_t exchanges = 0;
  std::int64_t corrected = 0;
  std::int64_t unpriced = 0;
  core::NanoUsd before = 0;
  core::NanoUsd after = 0;

  void add(const Json& report) {
    exchanges += report.at("exchanges").get<std::int64_t>();
    corrected += report.at("corrected").get<std::int64_t>();
    unpriced += report.at("unpriced").get<std::int64_t>();
    before += report.at("cost_before_nano_usd").get<core::NanoUsd>();
    after += report.at("cost_after_nano_usd").get<core::NanoUsd>();
  }
};

void print(const Repriced& sum, const PriceOptions& options, const Terminal& terminal) {
  const std::string before = core::usd_text(sum.before);
  const std::string after = core::usd_text(sum.after);
  if (options.prints_json) {
    fmt::print(terminal.out,
               "{{\"exchanges\":{},\"corrected\":{},\"unpriced\":{},\"cost_before_usd\":{},"
               "\"cost_after_usd\":{},\"dry_run\":{}}}\n",
               sum.exchanges, sum.corrected, sum.unpriced, before, after, options.is_dry_run);
    return;
  }
  fmt::print(terminal.out,
             "{} exchanges cost ${} and {} ${}: {} {} corrected, {} without a price\n",
             sum.exchanges, before, options.is_dry_run ? "would cost" : "now cost", after,
             sum.corrected, options.is_dry_run ? "would be" : "were", sum.unpriced);
}

// In steps, each of which the relay can do while we wait.
int run_reprice(AdminAccess& access, const PriceOptions& options, WallTime now,
                const Terminal& terminal) {
  Target target = Target{"/admin/prices/reprice"}.with_all(options.period);
  if (!options.period.contains("to")) target.with("to", to_rfc3339(now));
  target.with("dry_run", options.is_dry_run ? "true" : "false");
  Repriced sum;
  std::string next;
  do {
    const Result<Json> report =
        ask_json(access, Method::post, Target{target}.with("after", next).text());
    if (!report) return fail(report.error(), terminal);
    sum.add(*report);
    next = report->at("next").is_null() ? "" : report->at("next").get<std::string>();
  } while (!next.empty());
  print(sum, options, terminal);
  return exit_ok;
}

}  // namespace

int run_price(const ConfigInputs& inputs, const PriceOptions& options, const Terminal& terminal) {
  const WallTime now = SystemClock{}.wall();
  return with_api(inputs, terminal, false, [&](AdminAccess& access, const Config&) {
    switch (options.action) {
      case PriceAction::list: return run_list(access, options, now, terminal);
      case PriceAction::check: return run_check(access, options, now, terminal);
      case PriceAction::set: return run_set(access, options, now, terminal);
      case PriceAction::reprice: return run_reprice(access, options, now, terminal);
    }
    __builtin_unreachable();
  });
}

}  // namespace relay::app
