#pragma once

#include <string>
#include <string_view>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "core/audit.h"
#include "core/ids.h"
#include "http/head.h"
#include "http/ports.h"

namespace relay::admin {

// One call of the admin or the user API, read whole. Owns what it says, because it is answered on a
// worker thread.
struct Call {
  http::RequestHead head;
  std::string body;
  Address peer;

  // Known once the call was let in.
  std::string actor = {};   // Who: "admin", "token NAME", "command line".
  std::string object = {};  // What its path names: the {id} of /admin/api-keys/{id}.
  core::KeyId key = {};     // Whose it is, of the user API.
};

// A call that comes from no connection, but from a command on this host.
Call command_call(http::Method method, std::string target, std::string body);

struct Reply {
  http::ResponseHead head;
  std::string body;
};

// A reply in JSON that no cache keeps.
Reply json_reply(int status, std::string body);

// 204: done, nothing to show.
Reply empty_reply();

// What the audit will say of a call, but for before and after. `action` is a word of the closed set
// in api/openapi.yaml.
core::AuditEntry audit_of(const Call& call, WallTime now, std::string_view action,
                          std::string_view object, std::string_view name);

}  // namespace relay::admin
