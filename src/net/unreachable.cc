#include "net/unreachable.h"

#include <utility>

namespace relay::net {
namespace {

bool is_shortage(std::errc why) noexcept {
  return why == std::errc::too_many_files_open || why == std::errc::too_many_files_open_in_system ||
         why == std::errc::no_buffer_space || why == std::errc::not_enough_memory;
}

}  // namespace

Error unreachable(std::string detail) {
  return {.code = ErrorCode::upstream_unavailable,
          .origin = Origin::upstream,
          .retry = Retry::other_upstream,
          .message = "The upstream could not be reached.",
          .detail = std::move(detail)};
}

Error unreachable(std::string_view what, std::errc why) {
  Error error = unreachable(std::string{what} + ": " + std::make_error_code(why).message());
  if (is_shortage(why)) {
    error.code = ErrorCode::overloaded;
    error.origin = Origin::relay;
    error.message = "The relay has too much to do.";
  }
  return error;
}

}  // namespace relay::net
