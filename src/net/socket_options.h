#pragma once

#include "net/fd.h"

namespace relay::net {

[[nodiscard]] bool set_option(const Fd& fd, int level, int option, int value) noexcept;

// What every connection wants. Those that are accepted have it from their listener.
void set_for_exchanges(const Fd& fd) noexcept;

}  // namespace relay::net
