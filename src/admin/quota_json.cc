#include "admin/quota_json.h"

#include "admin/json_writer.h"

namespace relay::admin {
namespace {

using core::RateView;
using core::Window;
using core::WindowView;

// `amount` makes of a number what is written: tokens are themselves, nano-dollars are dollars.
template <typename Amount>
void write_windows(JsonWriter& json, std::string_view name,
                   const core::PerWindow<WindowView>& windows, Amount amount) {
  json.key(name).begin_object();
  for (const Window each : core::every_window) {
    const WindowView& window = windows[each];
    const auto or_null = [&](std::int64_t number) {
      return window.limit ? std::optional{amount(number)} : std::nullopt;
    };
    json.key(core::to_string(each))
        .begin_object()
        .member("limit", or_null(window.limit.value_or(0)))
        .member("used", amount(window.used))
        .member("held", amount(window.held))
        .member("remaining", or_null(window.remaining()))
        .member("reset", window.reset)
        .end();
  }
  json.end();
}

void write_rate(JsonWriter& json, std::string_view name, const RateView& view) {
  json.key(name);
  if (!view.rate.is_limited()) {
    json.value(nullptr);
    return;
  }
  json.begin_object()
      .member("limit", view.rate.count)
      .member("period_seconds", std::chrono::ceil<std::chrono::seconds>(view.rate.period).count())
      .member("remaining", view.remaining)
      .member("reset", view.reset)
      .end();
}

void write_concurrency(JsonWriter& json, std::int64_t limit, std::int64_t running) {
  json.key("concurrency").begin_object().key("limit");
  limit == 0 ? json.value(nullptr) : json.value(limit);
  json.member("running", running).end();
}

}  // namespace

std::string quota_json(const Quota& quota) {
  const core::AllowanceView& allowance = quota.allowance;
  JsonWriter json;
  json.begin_object();
  write_windows(json, "tokens", allowance.tokens, [](std::int64_t tokens) { return tokens; });
  write_windows(json, "usd", allowance.cost, [](std::int64_t cost) { return Usd{cost}; });
  json.key("rate").begin_object();
  write_rate(json, "requests", allowance.requests);
  write_rate(json, "count_tokens", allowance.count_tokens);
  write_rate(json, "tokens", allowance.tokens_per_minute);
  json.end();
  write_concurrency(json, allowance.concurrency, allowance.live);
  json.member("expires_at", quota.expires_at).end();
  return json.take();
}

}  // namespace relay::admin
