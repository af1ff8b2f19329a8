#pragma once

#include <string>
#include <vector>

#include "admin/account.h"
#include "admin/call.h"
#include "admin/keys_api.h"
#include "admin/prices_api.h"
#include "admin/reports_api.h"
#include "admin/route.h"
#include "admin/session.h"
#include "admin/system_api.h"
#include "admin/tiers_api.h"
#include "admin/tokens_api.h"
#include "base/time_zone.h"

namespace relay::admin {

// What the admin API works on. Outlives it.
struct AdminParts {
  core::Store& store;
  const core::Pepper& pepper;
  const Clock& clock;
  Sessions& sessions;
  Account& account;
  TimeZone zone;  // In which days are cut, unless a call says otherwise.
  const core::PriceBook& prices;
  KeysChanged keys_changed;                // See keys_api.h.
  PricesChanged prices_changed;            // See prices_api.h, also of the next.
  core::CorrectionsTaken costs_corrected;  // Empty: nobody keeps sums of what keys cost.
  System* system = nullptr;                // The running relay. Null: none runs.
};

// PUT /admin/prices, whose body may be larger than all others.
[[nodiscard]] bool is_price_table(const http::RequestHead& head) noexcept;

// Everything under /admin/: finds the route, asks who is there, guards against pages that make a
// browser send requests (reliability T20), and answers. Blocks: worker threads only. Thread-safe.
class AdminApi {
 public:
  explicit AdminApi(const AdminParts& parts);
  AdminApi(const AdminApi&) = delete;
  AdminApi& operator=(const AdminApi&) = delete;

  // not_found, method_not_allowed, unauthenticated, forbidden, and what the routes say.
  Result<Reply> answer(Call call);

  // 204, if the caller may take this route: to be known before a large body is read.
  Result<Reply> let_in(const http::RequestHead& head);

  // For a command on this host, which need not show who it is.
  Result<Reply> answer_command(Call call);

  [[nodiscard]] const Routes& routes() const noexcept { return routes_; }

 private:
  [[nodiscard]] std::vector<Route> make_routes();
  Result<std::string> actor_of(const http::RequestHead& head, Access access);

  Sessions& sessions_;
  Account& account_;
  const Clock& clock_;
  KeysApi keys_;
  TiersApi tiers_;
  TokensApi tokens_;
  ReportsApi reports_;
  PricesApi prices_;
  SystemApi system_;
  Routes routes_;
};

}  // namespace relay::admin
