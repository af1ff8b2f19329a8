#pragma once

#include "admin/call.h"
#include "admin/keys_api.h"
#include "admin/login.h"
#include "admin/session.h"

namespace relay::admin {

// Everything under /admin/: finds the route, asks for a session, guards against pages that make a
// browser send requests (reliability T20), and answers. Blocks: worker threads only. Thread-safe.
class AdminApi {
 public:
  AdminApi(const Sessions& sessions, Login& login, KeysApi& keys, const Clock& clock)
      : sessions_{sessions}, login_{login}, keys_{keys}, clock_{clock} {}

  // not_found, method_not_allowed, unauthenticated, forbidden, and what the routes say.
  Result<Reply> answer(const Call& call);

 private:
  Result<Reply> route(const Call& call, std::string_view below);
  Result<Reply> route_keys(const Call& call, std::string_view below);
  Result<Reply> route_key(const Call& call, std::string_view uuid, std::string_view action);
  Result<void> check_session(const http::RequestHead& head) const;

  const Sessions& sessions_;
  Login& login_;
  KeysApi& keys_;
  const Clock& clock_;
};

}  // namespace relay::admin
