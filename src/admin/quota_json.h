#pragma once

#include <string>

#include "admin/quotas.h"

namespace relay::admin {

// What GET /api/usage/quota answers.
std::string quota_json(const Quota& quota);

}  // namespace relay::admin
