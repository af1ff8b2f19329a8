#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"

namespace relay::net {

// That an upstream could not be reached, so that nothing was sent to it: another one may be tried.
// `detail` is for the log.
Error unreachable(std::string detail);

// The same for what the kernel said while we did `what`. upstream_timeout if it was too slow;
// overloaded if this process lacks the means.
Error unreachable(std::string_view what, std::errc why);

}  // namespace relay::net
