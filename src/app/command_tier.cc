#include <fmt/format.h>

#include "admin/json_body.h"
#include "admin/key_rules.h"
#include "app/api_client.h"
#include "app/commands.h"

namespace relay::app {
namespace {

using http::Method;

void print_tiers(const Json& tiers, const Terminal& terminal) {
  constexpr const char* row = "{:<20}  {:>12}  {:>8}  {:>14}  {:>14}  {}\n";
  fmt::print(terminal.out, row, "NAME", "REQUESTS", "SECONDS", "TOKENS/MIN", "COUNT TOKENS",
             "FROM");
  for (const Json& tier : tiers) {
    fmt::print(terminal.out, row, shown(tier, "name"), shown(tier, "requests"),
               shown(tier, "period_seconds"), shown(tier, "tokens_per_minute"),
               shown(tier, "count_tokens_requests"),
               tier.at("is_configured").get<bool>() ? "configuration" : "API");
  }
}

std::string body_of(const TierOptions& options) {
  admin::JsonWriter json;
  json.begin_object()
      .member("requests", options.requests)
      .member("period_seconds", options.period_seconds)
      .member("tokens_per_minute", options.tokens_per_minute)
      .member("count_tokens_requests", options.count_tokens_requests)
      .end();
  return json.take();
}

int run(AdminAccess& access, const TierOptions& options, const Terminal& terminal) {
  if (options.action != TierAction::list && !admin::is_tier_name(options.name)) {
    return fail(admin::bad_request(std::string{admin::tier_name_rule}), terminal);
  }
  const std::string one = "/admin/tiers/" + percent_encoded(options.name);
  Result<Json> reply;
  switch (options.action) {
    case TierAction::list: reply = ask_json(access, Method::get, "/admin/tiers"); break;
    case TierAction::set: reply = ask_json(access, Method::put, one, body_of(options)); break;
    case TierAction::remove: reply = ask_json(access, Method::delete_, one); break;
  }
  if (!reply) return fail(reply.error(), terminal);
  if (options.action == TierAction::remove) return exit_ok;
  const Json tiers = options.action == TierAction::list ? reply->at("data") : Json::array({*reply});
  if (options.prints_json) {
    fmt::print(terminal.out, "{}\n",
               options.action == TierAction::list ? tiers.dump() : reply->dump());
  } else {
    print_tiers(tiers, terminal);
  }
  return exit_ok;
}

}  // namespace

int run_tier(const ConfigInputs& inputs, const TierOptions& options, const Terminal& terminal) {
  return with_api(inputs, terminal, false, [&](AdminAccess& access, const Config&) {
    return run(access, options, terminal);
  });
}

}  // namespace relay::app
