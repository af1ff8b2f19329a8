#pragma once

#include "app/config_draft.h"

namespace relay::app {

// What no single option can tell: upstreams without a credential, names that are not unique, a
// tier that does not exist. Drops upstream.primary when it is not in use.
void check_config(ConfigDraft& draft);

}  // namespace relay::app
