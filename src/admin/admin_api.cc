#include "admin/admin_api.h"

#include "http/authorization.h"

namespace relay::admin {
namespace {

std::unexpected<Error> failed(ErrorCode code, std::string message) {
  return std::unexpected(
      Error{.code = code, .origin = Origin::client, .message = std::move(message)});
}

// A token is sent by our console or by a program, never by a browser on its own; so a request that
// says it comes from another site is somebody's trick, and a form cannot send JSON.
Result<void> check_sender(const Call& call) {
  const http::Fields& fields = call.head.fields;
  const std::string_view site = fields.find("sec-fetch-site").value_or("none");
  if (site == "cross-site") return failed(ErrorCode::forbidden, "Cross-site request.");
  if (const auto origin = fields.find("origin")) {
    const std::string_view host = fields.find("host").value_or("");
    const std::size_t scheme = origin->find("://");
    const bool is_own = scheme != origin->npos && origin->substr(scheme + 3) == host;
    if (!is_own) return failed(ErrorCode::forbidden, "Request from a foreign origin.");
  }
  if (call.body.empty()) return {};
  std::string_view type = fields.find("content-type").value_or("");
  type = type.substr(0, type.find_first_of("; "));
  if (!http::same_name(type, "application/json")) {
    return failed(ErrorCode::invalid_request, "Send the body as content-type: application/json.");
  }
  return {};
}

constexpr auto get = http::Method::get;
constexpr auto post = http::Method::post;
constexpr auto put = http::Method::put;
constexpr auto patch = http::Method::patch;
constexpr auto delete_ = http::Method::delete_;
constexpr auto everybody = Access::everybody;
constexpr auto admin = Access::administrator;
constexpr auto nothing = Takes::nothing;
constexpr auto parameters = Takes::parameters;
constexpr auto body = Takes::body;

}  // namespace

bool is_price_table(const http::RequestHead& head) noexcept {
  return head.method == http::Method::put && head.path() == "/admin/prices";
}

AdminApi::AdminApi(const AdminParts& parts)
    : sessions_{parts.sessions},
      account_{parts.account},
      clock_{parts.clock},
      keys_{parts.store, parts.pepper, parts.clock, parts.keys_changed},
      tiers_{parts.store, parts.clock, parts.keys_changed},
      tokens_{parts.store, parts.pepper, parts.clock},
      reports_{parts.store, parts.zone, parts.clock},
      prices_{parts.store, parts.prices,         parts.zone,
              parts.clock, parts.prices_changed, parts.costs_corrected},
      system_{parts.system},
      routes_{make_routes()} {
}

std::vector<Route> AdminApi::make_routes() {
  return {
      {post, "/admin/login", everybody, nothing, to(account_, &Account::log_in)},
      {post, "/admin/logout", admin, nothing, to(account_, &Account::log_out)},
      {post, "/admin/password", admin, body, to(account_, &Account::set_password)},

      {get, "/admin/api-keys", admin, parameters, to(keys_, &KeysApi::list)},
      {post, "/admin/api-keys", admin, body, to(keys_, &KeysApi::create)},
      {post, "/admin/api-keys/batch", admin, body, to(keys_, &KeysApi::create_several)},
      {get, "/admin/api-keys/{id}", admin, nothing, to(keys_, &KeysApi::show)},
      {patch, "/admin/api-keys/{id}", admin, body, to(keys_, &KeysApi::update)},
      {delete_, "/admin/api-keys/{id}", admin, nothing, to(keys_, &KeysApi::remove)},
      {post, "/admin/api-keys/{id}/rotate", admin, body, to(keys_, &KeysApi::rotate)},
      {post, "/admin/api-keys/{id}/disable", admin, nothing, to(keys_, &KeysApi::disable)},
      {post, "/admin/api-keys/{id}/enable", admin, nothing, to(keys_, &KeysApi::enable)},

      {get, "/admin/tiers", admin, nothing, to(tiers_, &TiersApi::list)},
      {get, "/admin/tiers/{name}", admin, nothing, to(tiers_, &TiersApi::show)},
      {put, "/admin/tiers/{name}", admin, body, to(tiers_, &TiersApi::put)},
      {delete_, "/admin/tiers/{name}", admin, nothing, to(tiers_, &TiersApi::remove)},

      {get, "/admin/tokens", admin, nothing, to(tokens_, &TokensApi::list)},
      {post, "/admin/tokens", admin, body, to(tokens_, &TokensApi::create)},
      {delete_, "/admin/tokens/{id}", admin, nothing, to(tokens_, &TokensApi::remove)},

      {get, "/admin/usage", admin, parameters, to(reports_, &ReportsApi::usage)},
      {get, "/admin/logs", admin, parameters, to(reports_, &ReportsApi::logs)},
      {get, "/admin/audit", admin, parameters, to(reports_, &ReportsApi::audit)},

      {get, "/admin/prices", admin, nothing, to(prices_, &PricesApi::list)},
      {put, "/admin/prices", admin, body, to(prices_, &PricesApi::put)},
      {post, "/admin/prices", admin, body, to(prices_, &PricesApi::set)},
      {post, "/admin/prices/reprice", admin, parameters, to(prices_, &PricesApi::reprice)},

      {get, "/admin/upstreams", admin, nothing, to(system_, &SystemApi::upstreams)},
      {get, "/admin/system", admin, nothing, to(system_, &SystemApi::system)},
  };
}

Result<Reply> AdminApi::answer(Call call) {
  const Result<void> sender = check_sender(call);
  if (!sender) return std::unexpected(sender.error());
  const Routes::Found found = routes_.find(call.head.method, call.head.path());
  Result<std::string> actor = actor_of(call.head, found.access);
  if (!actor) return std::unexpected(actor.error());
  call.actor = *std::move(actor);
  return answer_by(found, call);
}

Result<Reply> AdminApi::let_in(const http::RequestHead& head) {
  const Result<std::string> actor = actor_of(head, routes_.find(head.method, head.path()).access);
  if (!actor) return std::unexpected(actor.error());
  return empty_reply();
}

Result<Reply> AdminApi::answer_command(Call call) {
  call.actor = local_actor;
  return answer_by(routes_.find(call.head.method, call.head.path()), call);
}

Result<std::string> AdminApi::actor_of(const http::RequestHead& head, Access access) {
  if (access == Access::everybody) return std::string{administrator_actor};
  const std::string_view token = http::credentials_in(head.fields, "Bearer");
  if (token.starts_with(core::admin_token_prefix)) return tokens_.check(token);
  const Result<std::string_view> actor = sessions_.check(token, clock_.wall());
  if (!actor) return std::unexpected(actor.error());
  return std::string{*actor};
}

}  // namespace relay::admin
