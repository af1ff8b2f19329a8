#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"

namespace relay::net {

// That an upstream could not be reached, so that nothing was sent to it: another one may be tried.
// `detail` is for the log.
Error unreachable(std::string detail);

// The same for what the kernel said while we did `what`; overloaded if this process lacks the
// means. Nor is it a timeout of the upstream's when time ran out: it cannot have billed anything.
Error unreachable(std::string_view what, std::errc why);

}  // namespace relay::net
