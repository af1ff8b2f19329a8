#pragma once

#include <string_view>

#include "app/config_draft.h"

namespace relay::app {

// The warning about a configuration without an upstream.
inline constexpr std::string_view no_upstream_warning =
    "no UPSTREAM_API_KEY: nothing can be forwarded until it is set";

// What no single option can tell: upstreams without a credential, names that are not unique, a
// tier that does not exist, what this version cannot do. Drops upstream.primary when it is not in
// use.
void check_config(ConfigDraft& draft);

}  // namespace relay::app
