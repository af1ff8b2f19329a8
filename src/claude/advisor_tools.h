#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relay::claude {

// The models that a request names as its advisors: of every tool whose type begins with
// "advisor_" (platform.claude.com, agents-and-tools/tool-use/advisor-tool), under escapes too and
// wherever they are said twice. Empty for an advisor that names none, or more bytes than a model
// has.
//
// Of a body that was peeked at. An error: not all of it could be looked into.
[[nodiscard]] Result<std::vector<std::string>> advisor_models(std::string_view content_encoding,
                                                              std::string_view body);

}  // namespace relay::claude
