#include "app/paths.h"

namespace relay::app {
namespace {

bool is_below(std::string_view path, std::string_view prefix) noexcept {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

Route route_of(http::Method method, std::string_view path) noexcept {
  if (path == "/") return Route::root;
  if (path == "/health") return Route::health;
  if (path == "/ready") return Route::ready;
  if (path == "/metrics") return Route::metrics;
  if (path == "/openapi.json") return Route::contract;
  if (is_below(path, "/api/usage")) return Route::usage;
  if (is_below(path, "/admin")) return Route::admin;
  if (is_below(path, "/console")) return Route::nothing;
  if (path == "/api/hello" && method == http::Method::head) return Route::hello;
  return Route::forward;
}

bool is_served(Route route, Side side) noexcept {
  switch (route) {
    case Route::forward:
    case Route::hello: return side != Side::operators;
    case Route::admin: return side != Side::clients;
    case Route::root:
    case Route::health:
    case Route::ready:
    case Route::metrics:
    case Route::usage:
    case Route::contract:
    case Route::nothing: return true;
  }
  return false;
}

}  // namespace relay::app
