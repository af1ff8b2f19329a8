#include "store/new_migration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "store/store_error.h"

namespace relay::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array dialects = {"sqlite", "postgres"};
constexpr std::string_view up_suffix = ".up.sql";
constexpr std::size_t version_digits_min = 4;

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

int newest_in(const fs::path& directory) {
  int newest = 0;
  for (const fs::directory_entry& file : fs::directory_iterator{directory}) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(up_suffix)) continue;
    int version = 0;
    std::from_chars(name.data(), name.data() + name.size(), version);
    newest = std::max(newest, version);
  }
  return newest;
}

Result<fs::path> write(const fs::path& file, std::string_view comment) {
  std::ofstream out{file};
  out << "-- " << comment << '\n';
  out.close();
  if (!out) return failure(ErrorCode::internal, "cannot write " + file.string());
  return file;
}

}  // namespace

Result<std::vector<fs::path>> new_migration(const fs::path& into, std::string_view name) {
  if (!is_name(name)) {
    return failure(ErrorCode::invalid_request,
                   "a name is of small letters, digits and underscores, such as key_colours");
  }
  for (const char* const dialect : dialects) {
    if (fs::is_directory(into / dialect)) continue;
    return failure(ErrorCode::not_found, "there is no directory " + (into / dialect).string() +
                                             ": name the source's own with --into");
  }
  std::vector<fs::path> files;
  for (const char* const dialect : dialects) {
    std::string number = std::to_string(newest_in(into / dialect) + 1);
    number.insert(0, version_digits_min - std::min(version_digits_min, number.size()), '0');
    const std::string stem = number + "_" + std::string{name};
    for (const auto& [suffix, comment] :
         {std::pair{".up.sql", "What changes. Never edited once it is released."},
          std::pair{".down.sql", "Undoes all that the other file does."}}) {
      Result<fs::path> file = write(into / dialect / (stem + suffix), comment);
      if (!file) return std::unexpected(file.error());
      files.push_back(*std::move(file));
    }
  }
  return files;
}

}  // namespace relay::store
