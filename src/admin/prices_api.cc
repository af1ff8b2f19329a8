#include "admin/prices_api.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "admin/json_body.h"
#include "admin/json_writer.h"
#include "admin/parameters.h"
#include "admin/period.h"
#include "admin/price_json.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "core/reprice.h"

namespace relay::admin {
namespace {

using core::PriceOrigin;
using core::PriceRow;

bool is_stored(const PriceRow& row) noexcept {
  return row.origin == PriceOrigin::stored;
}

std::vector<PriceRow> rows_of(const core::PriceTable& table, bool are_stored) {
  std::vector<PriceRow> rows;
  std::ranges::copy_if(table.rows(), std::back_inserter(rows),
                       [are_stored](const PriceRow& row) { return is_stored(row) == are_stored; });
  return rows;
}

// Those of `rows` that are not among `others`.
std::vector<PriceRow> without(const std::vector<PriceRow>& rows,
                              const std::vector<PriceRow>& others) {
  std::vector<PriceRow> left;
  std::ranges::copy_if(rows, std::back_inserter(left), [&others](const PriceRow& row) {
    return std::ranges::find(others, row) == others.end();
  });
  return left;
}

std::string data_of(const std::vector<PriceRow>& rows) {
  return JsonWriter{}.begin_object().key("data").raw(prices_json(rows)).end().take();
}

// What is there now, with `stored` in place of what the API had.
Result<void> check_together(const core::PriceTable& now, const std::vector<PriceRow>& stored) {
  std::vector<PriceRow> all = stored;
  std::ranges::move(rows_of(now, false), std::back_inserter(all));
  const auto table = core::PriceTable::make(std::move(all), now.unpriced());
  if (table) return {};
  const core::PriceFault& fault = table.error();
  const bool is_in_row = fault.row < stored.size();
  return std::unexpected(bad_request(
      (is_in_row ? "data[" + std::to_string(fault.row) + "]: " : "") + fault.message + "."));
}

Result<core::RepriceRequest> read_reprice(const Call& call, const TimeZone& zone, WallTime now) {
  Parameters asked{call.head.query()};
  const OpenPeriod period = read_open_period(asked, zone);
  core::RepriceRequest request{.from = period.from.value_or(now),
                               .to = period.to.value_or(now),
                               .after = asked.text("after"),
                               .lines_max = limits::reprice_lines_max,
                               .is_dry_run = asked.truth("dry_run").value_or(false)};
  if (!period.from) asked.refuse("from", "a time or a date");
  const Result<void> sound = asked.finish();
  if (!sound) return std::unexpected(sound.error());
  return request;
}

std::string report_json(const core::RepriceReport& report) {
  JsonWriter json;
  json.begin_object()
      .member("exchanges", report.exchanges)
      .member("corrected", report.corrected)
      .member("unpriced", report.unpriced)
      .member("cost_before_usd", Usd{report.before})
      .member("cost_before_nano_usd", report.before)
      .member("cost_after_usd", Usd{report.after})
      .member("cost_after_nano_usd", report.after)
      .member_or_null("next", report.next)
      .end();
  return json.take();
}

}  // namespace

Result<Reply> PricesApi::list(const Call&) {
  return json_reply(200, data_of(book_.snapshot()->rows()));
}

Result<Reply> PricesApi::put(const Call& call) {
  constexpr std::array<std::string_view, 1> members = {"data"};
  const Result<nlohmann::json> body = parse_object(call.body, members);
  if (!body) return std::unexpected(body.error());
  if (!body->contains("data")) return std::unexpected(bad_member("data", "an array of prices"));
  const auto stored = parse_prices((*body)["data"]);
  if (!stored) return std::unexpected(stored.error());
  if (!std::ranges::all_of(*stored, is_stored)) {
    return std::unexpected(
        bad_request("Only prices whose origin is \"stored\" can be put. Leave out the others."));
  }
  const auto now = book_.snapshot();
  const Result<void> sound = check_together(*now, *stored);
  if (!sound) return std::unexpected(sound.error());

  const std::vector<PriceRow> before = rows_of(*now, true);
  core::AuditEntry audit = audit_of(call, clock_.wall(), "price.put", "prices", "prices");
  audit.before = data_of(without(before, *stored));
  audit.after = data_of(without(*stored, before));
  const Result<void> kept = store_.set_setting(prices_setting, prices_json(*stored), audit);
  if (!kept) return std::unexpected(kept.error());
  const Result<void> published = prices_changed_();
  if (!published) return std::unexpected(published.error());
  return list(call);
}

Result<Reply> PricesApi::reprice(const Call& call) {
  const Result<core::RepriceRequest> request = read_reprice(call, zone_, clock_.wall());
  if (!request) return std::unexpected(request.error());
  const auto one_at_a_time = repricing_.lock();
  const Result<core::RepriceReport> report =
      core::reprice(store_, *book_.snapshot(), *request, costs_corrected_);
  if (!report) return std::unexpected(report.error());
  if (report->corrected > 0 && !request->is_dry_run) {
    const std::string range = to_rfc3339(request->from) + "/" + to_rfc3339(request->to);
    core::AuditEntry audit = audit_of(call, clock_.wall(), "price.reprice", range, range);
    audit.after = report_json(*report);
    const Result<void> noted = store_.append_audit(audit);
    if (!noted) return std::unexpected(noted.error());
  }
  return json_reply(200, report_json(*report));
}

}  // namespace relay::admin
