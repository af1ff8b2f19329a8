#include "admin/admin_api.h"

namespace relay::admin {
namespace {

using http::Method;

constexpr std::string_view root = "/admin/";

std::unexpected<Error> failed(ErrorCode code, std::string message) {
  return std::unexpected(
      Error{.code = code, .origin = Origin::client, .message = std::move(message)});
}

std::unexpected<Error> no_such_route() {
  return failed(ErrorCode::not_found, "There is no such path in the admin API.");
}

std::unexpected<Error> wrong_method(std::string_view allowed) {
  return std::unexpected(
      Error{.code = ErrorCode::method_not_allowed,
            .origin = Origin::client,
            .message = "This path of the admin API takes " + std::string{allowed} + " only.",
            .allow = allowed});
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

}  // namespace

Result<Reply> AdminApi::answer(const Call& call) {
  const Result<void> sender = check_sender(call);
  if (!sender) return std::unexpected(sender.error());
  std::string_view path = call.head.path();
  if (!path.starts_with(root)) return no_such_route();
  path.remove_prefix(root.size());
  if (path == "login") {
    if (call.head.method != Method::post) return wrong_method("POST");
    return login_.log_in(call);
  }
  const Result<void> session = check_session(call.head);
  if (!session) return std::unexpected(session.error());
  return route(call, path);
}

Result<void> AdminApi::check_session(const http::RequestHead& head) const {
  constexpr std::string_view scheme = "bearer ";
  std::string_view value = head.fields.find("authorization").value_or("");
  const bool is_bearer = head.fields.count("authorization") == 1 && value.size() > scheme.size() &&
                         http::same_name(value.substr(0, scheme.size()), scheme);
  return sessions_.check(is_bearer ? value.substr(scheme.size()) : "", clock_.wall());
}

Result<Reply> AdminApi::route(const Call& call, std::string_view below) {
  constexpr std::string_view keys = "api-keys";
  if (below == keys) return route_keys(call, {});
  if (below.starts_with(keys) && below.substr(keys.size()).starts_with('/')) {
    return route_keys(call, below.substr(keys.size() + 1));
  }
  return no_such_route();
}

Result<Reply> AdminApi::route_keys(const Call& call, std::string_view below) {
  if (below.empty()) {
    if (call.head.method == Method::post) return keys_.create(call);
    if (call.head.method == Method::get) return keys_.list(call);
    return wrong_method("GET, POST");
  }
  const std::size_t slash = below.find('/');
  if (slash == below.npos) return route_key(call, below, {});
  return route_key(call, below.substr(0, slash), below.substr(slash + 1));
}

Result<Reply> AdminApi::route_key(const Call& call, std::string_view uuid,
                                  std::string_view action) {
  if (action.empty()) {
    if (call.head.method == Method::get) return keys_.show(uuid);
    if (call.head.method == Method::delete_) return keys_.remove(uuid);
    return wrong_method("GET, DELETE");
  }
  const bool is_enable = action == "enable";
  if (!is_enable && action != "disable") return no_such_route();
  if (call.head.method != Method::post) return wrong_method("POST");
  return keys_.set_active(uuid, is_enable);
}

}  // namespace relay::admin
