#pragma once

#include <filesystem>

#include "base/clock.h"
#include "base/result.h"

namespace relay::store {

// Writes a copy of the database at `from`, as it is at one moment, to `to`, for its owner alone.
// The relay may run meanwhile. conflict: `to` exists. The messages are for the person who asked.
Result<void> back_up_database(const std::filesystem::path& from, const std::filesystem::path& to);

// Puts a copy in the place of the database at `to`, once it is found whole. What was there is kept
// beside it under a name with the time; returns that name, empty if there was nothing. conflict: a
// relay runs on it.
Result<std::filesystem::path> restore_database(const std::filesystem::path& copy,
                                               const std::filesystem::path& to, WallTime now);

}  // namespace relay::store
