#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace relay::app {

// Creates the directory (0700) with its parents, unless it is there.
[[nodiscard]] std::expected<void, std::string> make_data_directory(
    const std::filesystem::path& folder);

// Writes a file that nobody else can read (0600) and that is there whole or not at all, also after
// a power cut. Fails if it is there already: a secret is never overwritten.
[[nodiscard]] std::expected<void, std::string> write_new_secret_file(
    const std::filesystem::path& file, std::string_view text);

}  // namespace relay::app
