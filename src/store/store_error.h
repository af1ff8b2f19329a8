#pragma once

#include <cerrno>
#include <expected>
#include <string>
#include <system_error>

#include "base/error.h"

namespace relay::store {

// A failure of the store or of the disk below it. `detail` is for the log.
inline std::unexpected<Error> failure(ErrorCode code, std::string detail) {
  return std::unexpected(Error{.code = code, .origin = Origin::store, .detail = std::move(detail)});
}

// The same, for a system call: "what: why", by errno.
inline std::unexpected<Error> system_failure(ErrorCode code, const std::string& what) {
  return failure(code, what + ": " + std::generic_category().message(errno));
}

}  // namespace relay::store
