#include "app/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "app/read_file.h"
#include "app/write_file.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/utf8.h"
#include "core/credential.h"

namespace relay::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t secret_key_bytes_min = 32;
constexpr std::size_t distinct_bytes_min = 8;  // Of a key: 32 times "a" is no secret.
constexpr std::size_t generated_key_chars = 64;
constexpr std::size_t generated_password_chars = 20;

// One of the two secrets.
struct Wanted {
  std::string_view variable;  // SECRET_KEY
  std::string_view file;      // In the data directory.
  std::string_view command;   // Makes a good one.
  std::string_view advice;    // What to do with one that was generated.
  std::size_t generated_chars;
  std::string (*fault)(std::string_view);  // What is wrong with it; empty: nothing.
};

std::string key_fault(std::string_view key) {
  if (is_known_example(key)) return "is an example that everybody knows";
  if (key.size() < secret_key_bytes_min) return "has fewer than 32 bytes";
  if (std::set<char>{key.begin(), key.end()}.size() < distinct_bytes_min)
    return "is easily guessed";
  return {};
}

std::string password_fault(std::string_view password) {
  if (is_known_example(password)) return "is an example that everybody knows";
  if (count_code_points(password) < core::password_characters_min)
    return "has fewer than 12 characters";
  return {};
}

constexpr Wanted wanted_key = {
    .variable = "SECRET_KEY",
    .file = "secret_key",
    .command = "SECRET_KEY=$(openssl rand -hex 32)",
    .advice = "keep a copy of",
    .generated_chars = generated_key_chars,
    .fault = key_fault,
};
constexpr Wanted wanted_password = {
    .variable = "ADMIN_PASSWORD",
    .file = "admin_password",
    .command = "ADMIN_PASSWORD=$(openssl rand -base64 18)",
    .advice = "read it with: cat",
    .generated_chars = generated_password_chars,
    .fault = password_fault,
};

std::string remedy(const Wanted& wanted) {
  return fmt::format("make one with: echo \"{}\" >> .env", wanted.command);
}

std::expected<Secret, Problem> checked(const Wanted& wanted, Secret secret, std::string place) {
  const std::string fault = wanted.fault(secret.reveal());
  if (fault.empty()) return secret;
  return std::unexpected(
      Problem{std::move(place), fmt::format("{} {}; {}", wanted.variable, fault, remedy(wanted))});
}

std::expected<Secret, Problem> read_secret(const Wanted& wanted, const fs::path& file) {
  auto text = read_file(file, limits::config_file_bytes_max);
  if (!text) return std::unexpected(Problem{file, text.error()});
  while (text->ends_with('\n')) text->pop_back();
  return checked(wanted, Secret{*std::move(text)}, file);
}

std::expected<Secret, Problem> generate(const Wanted& wanted, const fs::path& file,
                                        std::vector<std::string>& notices) {
  std::string text(wanted.generated_chars, '\0');
  random_base62(text);
  const auto written = write_new_secret_file(file, text + "\n");
  if (!written) return std::unexpected(Problem{file, written.error()});
  notices.push_back(
      fmt::format("{} was generated; {} {}", wanted.variable, wanted.advice, file.string()));
  return Secret{std::move(text)};
}

std::expected<Secret, Problem> find(const Wanted& wanted, const Config& config,
                                    const Secret& configured, std::vector<std::string>& notices) {
  if (!configured.empty()) return checked(wanted, configured, std::string{wanted.variable});
  if (!sqlite_file(config)) {
    return std::unexpected(
        Problem{std::string{wanted.variable},
                fmt::format("is missing, and relays on one database must agree on it; {}",
                            remedy(wanted))});
  }
  const fs::path file = fs::path{config.data_dir} / wanted.file;
  std::error_code failed;
  if (fs::exists(file, failed)) return read_secret(wanted, file);
  return generate(wanted, file, notices);
}

Problems upstream_faults(const Config& config) {
  Problems problems;
  for (const UpstreamConfig& upstream : config.upstreams) {
    if (!is_known_example(upstream.api_key.reveal())) continue;
    problems.push_back({upstream.path + ".api_key",
                        "is an example; create a key at https://console.anthropic.com/"});
  }
  return problems;
}

std::string in_lower_case(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
  });
  return lower;
}

}  // namespace

bool is_known_example(std::string_view secret) {
  static constexpr std::array<std::string_view, 12> whole = {
      "secret",   "secretkey", "secret-key", "secret_key", "password", "password123",
      "admin123", "123456",    "12345678",   "1234567890", "test",     "admin",
  };
  static constexpr std::array<std::string_view, 12> parts = {
      "change-me",   "changeme",   "change_me",  "change-this", "change_this",  "your-secret",
      "your_secret", "your-admin", "your_admin", "your-super",  "your-api-key", "placeholder",
  };
  const std::string lower = in_lower_case(secret);
  return std::ranges::find(whole, lower) != whole.end() ||
         std::ranges::any_of(
             parts, [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::expected<StationSecrets, Problems> station_secrets(const Config& config) {
  if (const auto made = make_data_directory(config.data_dir); !made) {
    return std::unexpected(Problems{{config.data_dir, made.error()}});
  }
  StationSecrets secrets;
  Problems problems;
  auto key = find(wanted_key, config, config.secret_key, secrets.notices);
  if (!key) problems.push_back(key.error());
  auto password = find(wanted_password, config, config.admin.password, secrets.notices);
  if (!password) problems.push_back(password.error());
  std::ranges::move(upstream_faults(config), std::back_inserter(problems));
  if (!problems.empty()) return std::unexpected(std::move(problems));
  secrets.secret_key = *std::move(key);
  secrets.admin_password = *std::move(password);
  return secrets;
}

Problems secret_faults(const Config& config) {
  Problems problems = upstream_faults(config);
  const auto check = [&](const Wanted& wanted, const Secret& secret) {
    if (secret.empty()) return;
    const auto fine = checked(wanted, secret, std::string{wanted.variable});
    if (!fine) problems.push_back(fine.error());
  };
  check(wanted_key, config.secret_key);
  check(wanted_password, config.admin.password);
  return problems;
}

std::expected<Secret, Problem> existing_secret_key(const Config& config) {
  if (!config.secret_key.empty()) return checked(wanted_key, config.secret_key, "SECRET_KEY");
  return read_secret(wanted_key, fs::path{config.data_dir} / wanted_key.file);
}

}  // namespace relay::app
