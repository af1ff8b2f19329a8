#include "app/read_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace relay::app {

std::expected<std::string, std::string> read_file(const std::filesystem::path& file,
                                                  std::size_t bytes_max) {
  errno = 0;
  std::ifstream stream{file, std::ios::binary};
  if (!stream) {
    return std::unexpected(fmt::format("cannot read {}: {}", file.string(), std::strerror(errno)));
  }
  std::string text(bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return std::unexpected(fmt::format("cannot read {}", file.string()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > bytes_max) {
    return std::unexpected(fmt::format("{} has more than {} bytes", file.string(), bytes_max));
  }
  text.shrink_to_fit();  // It may be kept.
  return text;
}

}  // namespace relay::app
