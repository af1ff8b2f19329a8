#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace relay::app {

// The whole of a file. The error says why not, in words for an operator; it does not name the file.
[[nodiscard]] std::expected<std::string, std::string> read_file(const std::filesystem::path& file,
                                                                std::size_t bytes_max);

}  // namespace relay::app
