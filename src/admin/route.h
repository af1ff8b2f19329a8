#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/call.h"
#include "base/result.h"
#include "http/head.h"

namespace relay::admin {

// Who may take a route.
enum class Access : std::uint8_t {
  everybody,
  administrator,  // A session or an admin token.
  key,            // A key of ours, also one that has nothing left.
};

// What a request may carry besides its path. None of ours has both.
enum class Takes : std::uint8_t { nothing, parameters, body };

// One line of an API: what api/openapi.yaml describes as an operation.
struct Route {
  http::Method method;
  std::string_view pattern;  // "/admin/api-keys/{id}": at most one part in braces.
  Access access;
  Takes takes;  // One that takes no body is content with an empty object.
  std::function<Result<Reply>(const Call&)> answer;
};

// A method of `part`, as what a route is answered by.
template <typename Part>
auto to(Part& part, Result<Reply> (Part::*method)(const Call&)) {
  return [&part, method](const Call& call) { return (part.*method)(call); };
}

// All lines of an API. Immutable.
class Routes {
 public:
  explicit Routes(std::vector<Route> routes);

  // What a path is. A pattern without braces goes before one with them.
  struct Found {
    const Route* route = nullptr;  // Null: the path does not take this method.
    std::string_view allow = {};  // What it takes, "GET, HEAD, POST"; empty: there is no such path.
    std::string_view object = {};  // What the braces stand for. No name of ours needs an escape.
    Access access = Access::administrator;
  };
  // HEAD is answered as GET is; the connection leaves out the body.
  [[nodiscard]] Found find(http::Method method, std::string_view path) const noexcept;

  [[nodiscard]] const std::vector<Route>& all() const noexcept { return routes_; }

 private:
  struct Path {
    std::string_view pattern;
    std::string allow;
    Access access;
  };
  [[nodiscard]] const Path* path_of(std::string_view path) const noexcept;

  std::vector<Route> routes_;
  std::vector<Path> paths_;
};

// Answers by the route that was found. not_found and method_not_allowed, if there is none;
// invalid_request: a body or a parameter where none is taken.
Result<Reply> answer_by(const Routes::Found& found, Call& call);

}  // namespace relay::admin
