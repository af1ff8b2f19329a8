#include "admin/route.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "admin/json_body.h"
#include "admin/parameters.h"

namespace relay::admin {
namespace {

// What the braces of the pattern stand for in this path; empty if it has none. Nothing: the path is
// another one.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) noexcept {
  const std::size_t opening = pattern.find('{');
  if (opening == pattern.npos) {
    return pattern == path ? std::optional<std::string_view>{""} : std::nullopt;
  }
  const std::string_view before = pattern.substr(0, opening);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  const bool is_long_enough = path.size() > before.size() + after.size();
  if (!is_long_enough || !path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  path.remove_prefix(before.size());
  path.remove_suffix(after.size());
  return path.contains('/') ? std::nullopt : std::optional{path};
}

std::string words_of(http::Method method) {
  return method == http::Method::get ? "GET, HEAD" : std::string{http::to_string(method)};
}

Error no_such_path() {
  return {.code = ErrorCode::not_found,
          .origin = Origin::client,
          .message = "There is no such path. All of them are in /openapi.json."};
}

Error wrong_method(std::string_view allow) {
  return {.code = ErrorCode::method_not_allowed,
          .origin = Origin::client,
          .message = "This path takes " + std::string{allow} + " only.",
          .allow = allow};
}

// What nobody reads must not be there: a limit in a query would be no limit.
Result<void> check_carried(Takes takes, const Call& call) {
  if (takes != Takes::body) {
    const Result<nlohmann::json> nothing = parse_object(call.body, {});
    if (!nothing) return std::unexpected(nothing.error());
  }
  return takes == Takes::parameters ? Result<void>{} : Parameters{call.head.query()}.finish();
}

}  // namespace

Routes::Routes(std::vector<Route> routes) : routes_{std::move(routes)} {
  for (const Route& route : routes_) {
    const auto known = std::ranges::find(paths_, route.pattern, &Path::pattern);
    if (known == paths_.end()) {
      paths_.push_back({route.pattern, words_of(route.method), route.access});
    } else {
      known->allow += ", " + words_of(route.method);
    }
  }
  // Exact ones first.
  std::ranges::partition(paths_, [](const Path& path) { return !path.pattern.contains('{'); });
}

const Routes::Path* Routes::path_of(std::string_view path) const noexcept {
  const auto is_it = [&](const Path& each) { return match(each.pattern, path).has_value(); };
  const auto found = std::ranges::find_if(paths_, is_it);
  return found == paths_.end() ? nullptr : &*found;
}

Routes::Found Routes::find(http::Method method, std::string_view path) const noexcept {
  const Path* const known = path_of(path);
  if (known == nullptr) return {};
  if (method == http::Method::head) method = http::Method::get;
  const auto is_it = [&](const Route& route) {
    return route.pattern == known->pattern && route.method == method;
  };
  const auto route = std::ranges::find_if(routes_, is_it);
  return {.route = route == routes_.end() ? nullptr : &*route,
          .allow = known->allow,
          .object = *match(known->pattern, path),
          .access = known->access};
}

Result<Reply> answer_by(const Routes::Found& found, Call& call) {
  if (found.allow.empty()) return std::unexpected(no_such_path());
  if (found.route == nullptr) return std::unexpected(wrong_method(found.allow));
  const Result<void> sound = check_carried(found.route->takes, call);
  if (!sound) return std::unexpected(sound.error());
  call.object = found.object;
  return found.route->answer(call);
}

}  // namespace relay::admin
