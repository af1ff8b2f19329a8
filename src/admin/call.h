#pragma once

#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "http/head.h"
#include "http/ports.h"

namespace relay::admin {

// One call of the admin or the user API, read whole. Owns what it says, because it is answered on a
// worker thread.
struct Call {
  http::RequestHead head;
  std::string body;
  Address peer;
};

struct Reply {
  http::ResponseHead head;
  std::string body;
};

// A reply in JSON that no cache keeps.
Reply json_reply(int status, std::string body);

// 204: done, nothing to show.
Reply empty_reply();

}  // namespace relay::admin
