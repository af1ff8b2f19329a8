#include "admin/user_api.h"

#include <map>
#include <string>
#include <vector>

#include "admin/json_writer.h"
#include "admin/ledger_page.h"
#include "admin/parameters.h"
#include "admin/period.h"
#include "admin/quota_json.h"
#include "admin/usage_report.h"
#include "base/rfc3339.h"

namespace relay::admin {
namespace {

constexpr int days_default = 30;

using Models = std::vector<core::UsageGroup>;  // Of one day.

core::UsageSums sum_of(const Models& models) {
  core::UsageSums sum;
  for (const core::UsageGroup& model : models) sum += model.sums;
  return sum;
}

void write_models(JsonWriter& json, const Models& models) {
  json.key("models").begin_list();
  for (const core::UsageGroup& model : models) {
    json.begin_object().member_or_null("model", model.names.front());
    write_sums(json, model.sums);
    json.end();
  }
  json.end();
}

}  // namespace

UserApi::UserApi(core::Store& store, const TimeZone& zone, const Clock& clock, Quotas& quotas)
    : store_{store}, zone_{zone}, clock_{clock}, quotas_{quotas}, routes_{make_routes()} {
}

std::vector<Route> UserApi::make_routes() {
  using http::Method;
  constexpr auto nothing = Takes::nothing;
  constexpr auto parameters = Takes::parameters;
  return {
      {Method::get, "/api/usage", Access::key, nothing, to(*this, &UserApi::totals)},
      {Method::get, "/api/usage/daily", Access::key, parameters, to(*this, &UserApi::daily)},
      {Method::get, "/api/usage/logs", Access::key, parameters, to(*this, &UserApi::logs)},
      {Method::get, "/api/usage/quota", Access::key, nothing, to(*this, &UserApi::quota)},
  };
}

Result<Reply> UserApi::answer(Call call) {
  return answer_by(routes_.find(call.head.method, call.head.path()), call);
}

Result<Reply> UserApi::totals(const Call& call) {
  const Result<core::UsageTotals> totals = store_.usage_totals(call.key);
  if (!totals) return std::unexpected(totals.error());
  JsonWriter json;
  json.begin_object();
  write_usage(json, totals->usage);
  write_cost(json, totals->cost);
  json.member("requests", totals->requests)
      .member("is_estimated", totals->usage.is_estimated)
      .end();
  return json_reply(200, json.take());
}

Result<Reply> UserApi::daily(const Call& call) {
  Parameters asked{call.head.query()};
  UsageQuestion question{.cut = Cut::day, .zone = read_zone(asked, zone_)};
  question.period = read_period(asked, question.zone, clock_.wall(), days_default);
  question.filter.keys = {call.key};
  question.by = {core::GroupBy::model};
  const bool shows_models = asked.truth("by_model").value_or(false);
  const Result<void> sound = asked.finish();
  if (!sound) return std::unexpected(sound.error());

  const Result<std::vector<Period>> days = slices(question.period, question.cut, question.zone);
  if (!days) return std::unexpected(days.error());
  const Result<Models> groups = usage_groups(store_, question);
  if (!groups) return std::unexpected(groups.error());
  std::map<WallTime, Models> models_of;
  for (const core::UsageGroup& group : *groups) models_of[group.bucket].push_back(group);

  JsonWriter json;
  json.begin_object().member("time_zone", question.zone.name()).key("data").begin_list();
  for (const Period& day : *days) {
    const Models& models = models_of[day.from];
    json.begin_object().member("date", rfc3339_date(question.zone.day_of(day.from)));
    write_sums(json, sum_of(models));
    if (shows_models) write_models(json, models);
    json.end();
  }
  json.end().key("totals").begin_object();
  write_sums(json, sum_of(*groups));
  json.end().end();
  return json_reply(200, json.take());
}

Result<Reply> UserApi::logs(const Call& call) {
  return ledger_page(store_, zone_, call, Reader::key);
}

Result<Reply> UserApi::quota(const Call& call) {
  const std::optional<Quota> quota = quotas_.quota_of(call.key);
  if (quota) return json_reply(200, quota_json(*quota));
  return std::unexpected(Error{.code = ErrorCode::unauthenticated,
                               .origin = Origin::client,
                               .message = "This API key has been deleted."});
}

}  // namespace relay::admin
