#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relay::store {

// Writes the files of the next step, up and down, of each dialect below `into`, with nothing but a
// comment in them: for who develops. Returns them. invalid_request: the name is not of small
// letters, digits and underscores. not_found: `into` is no such directory.
Result<std::vector<std::filesystem::path>> new_migration(const std::filesystem::path& into,
                                                         std::string_view name);

}  // namespace relay::store
