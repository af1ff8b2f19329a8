#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/admin_api.h"
#include "admin/user_api.h"
#include "app/key_directory.h"
#include "app/metrics_page.h"
#include "app/paths.h"
#include "exchange/exchange.h"
#include "http/ports.h"
#include "net/service.h"
#include "net/workers.h"

namespace relay::app {

// Whether the relay can do its work: /ready says so and why not, /health only whether it stops. Any
// thread.
struct Readiness {
  std::atomic<bool> is_stopping = false;
  bool has_upstream = true;  // Set once, before there are requests.
};

// What the routes of all loops share. Outlives them.
struct RouterShare {
  admin::AdminApi& admin;
  admin::UserApi& user;
  const std::vector<AddressRange>& admin_allowed;  // Empty: everybody.
  MetricsPage& metrics;
  Readiness& readiness;
  net::Workers& workers;
  Counter& admin_failures;  // Passwords and tokens that were not taken.
};

// Answers every request that a server reads: hands it to the pipeline, to the admin or the user API
// on a worker thread, or answers it itself. One for each port of a loop.
class Router final : public net::Service {
 public:
  Router(net::Loop& loop, const RouterShare& share, exchange::Context& context, Side side) noexcept
      : loop_{loop}, share_{share}, context_{context}, side_{side} {}

  Task<void> serve(http::ClientStream& client) override;
  net::Refusal refuse(const Error& error) override;

 private:
  Task<void> serve_admin(http::ClientStream& client);
  Task<Result<admin::Reply>> answer_admin(http::ClientStream& client);
  Task<Result<std::size_t>> admin_body_room(const http::ClientStream& client);
  Task<void> serve_usage(http::ClientStream& client);
  Task<Result<admin::Reply>> on_worker(std::move_only_function<Result<admin::Reply>()> job);
  Result<admin::Reply> answer_at_once(Route route, const http::ClientStream& client);
  Task<void> send(http::ClientStream& client, Result<admin::Reply> reply);

  net::Loop& loop_;
  const RouterShare& share_;
  exchange::Context& context_;
  const Side side_;
};

}  // namespace relay::app
