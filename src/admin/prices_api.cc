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
#include "core/price_change.h"
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

Error not_stored() {
  return bad_request("Only prices whose origin is \"stored\" can be put. Leave out the others.");
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
  check_order(asked, {request.from, request.to});
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
    return std::unexpected(not_stored());
  }
  return change(call, "price.put", [&stored](const Rows&) { return *stored; });
}

Result<Reply> PricesApi::set(const Call& call) {
  const Result<nlohmann::json> body = parse_json(call.body);
  if (!body) return std::unexpected(body.error());
  Result<PriceRow> row = parse_price(*body);
  if (!row) return std::unexpected(row.error());
  if (!is_stored(*row)) return std::unexpected(not_stored());
  if (!row->valid_from) row->valid_from = clock_.wall();
  const std::string fault = core::fault_in(*row);
  if (!fault.empty()) return std::unexpected(bad_request(fault + "."));
  return change(call, "price.set",
                [&row](const Rows& rows) { return core::with_price(rows, *row); });
}

// Makes it of the rows as they are, and anew when somebody else was faster.
Result<Reply> PricesApi::change(const Call& call, std::string_view action, const Change& change) {
  const core::AuditEntry audit = audit_of(call, clock_.wall(), action, "prices", "prices");
  for (int tried = 0; tried < limits::price_changes_tried_max; ++tried) {
    const Result<bool> done = try_change(audit, change);
    if (!done) return std::unexpected(done.error());
    if (*done) return list(call);
  }
  return std::unexpected(Error{.code = ErrorCode::conflict,
                               .origin = Origin::client,
                               .message = "Others change the prices all the time. Try again."});
}

// False: somebody else has changed them meanwhile.
Result<bool> PricesApi::try_change(core::AuditEntry audit, const Change& change) {
  const Result<std::optional<std::string>> known = store_.find_setting(prices_setting);
  if (!known) return std::unexpected(known.error());
  const Result<Rows> before = parse_stored_prices(known->value_or("[]"));
  if (!before) return std::unexpected(before.error());
  const Rows after = change(*before);
  const Result<void> sound = check_together(*book_.snapshot(), after);
  if (!sound) return std::unexpected(sound.error());
  audit.before = data_of(without(*before, after));
  audit.after = data_of(without(after, *before));
  const Result<void> kept =
      store_.replace_setting(prices_setting, *known, prices_json(after), audit);
  if (!kept && kept.error().code == ErrorCode::conflict) return false;
  if (!kept) return std::unexpected(kept.error());
  const Result<void> published = prices_changed_();
  if (!published) return std::unexpected(published.error());
  return true;
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
