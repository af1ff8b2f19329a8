#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "core/ledger.h"
#include "core/store.h"

namespace relay::store {

// A directory that goes with the test. In memory where there is such a place, because the store
// syncs every commit.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const bool has_memory = ::access("/dev/shm", W_OK) == 0;
    std::string name = (has_memory ? "/dev/shm/" : testing::TempDir()) + "relay_XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

// A key as the admin API makes it.
inline core::NewKey named(const std::string& name) {
  return {.uuid = "uuid of " + name,
          .public_id = "id of " + name,
          .secret_hash = "$2b$10$hash of " + name,
          .digest = {1, 2, 3},
          .name = name,
          .description = {},
          .owner = {},
          .tags = {},
          .terms = {},
          .created_at = WallTime{std::chrono::milliseconds{1'700'000'000'123}}};
}

// The line of the audit that says so.
inline core::AuditEntry audit(const std::string& action, const std::string& object) {
  return {.at = WallTime{std::chrono::milliseconds{1'700'000'000'456}},
          .actor = "admin",
          .from = {.bytes = {1, 2, 3}},
          .action = action,
          .object = object,
          .name = "name of " + object,
          .before = R"({"a":1})",
          .after = R"({"a":2})"};
}

inline core::ApiKey create_one(core::Store& store, const core::NewKey& key) {
  const core::AuditEntry created = audit("key.create", key.uuid);
  return store.create_keys({&key, 1}, {&created, 1}).value().front();
}

// An attempt of its own for every number.
inline core::AttemptId attempt(std::uint32_t number) {
  core::AttemptId id;
  for (std::size_t i = 0; i < 4; ++i)
    id.bytes[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return id;
}

// A complete exchange of `key` with every member set to something of its own.
inline core::LedgerEntry entry(std::uint32_t number, core::KeyId key, core::Usage usage = {}) {
  using namespace std::string_view_literals;
  core::LedgerEntry made;
  made.attempt = attempt(number);
  made.request = std::string_view{"req_" + std::to_string(number)};
  made.key = key;
  made.endpoint = core::Endpoint::messages;
  made.delivery = core::Delivery::complete;
  made.is_stream = number % 2 == 0;
  made.attempts = 1;
  made.status = 200;
  made.first_byte_ms = number;
  made.duration_ms = number + 1;
  made.started = WallTime{std::chrono::milliseconds{1'700'000'000'000 + number}};
  made.held = 4'096;
  made.usage = usage;
  made.terms = {.tier = core::ServiceTier::batch, .geo = core::InferenceGeo::us, .is_fast = true};
  made.cost = 1'000'000 + number;
  made.price_version = 0x9abc'def0;
  made.is_unpriced = number % 3 == 0;
  made.model = "claude-sonnet-4-5"sv;
  made.served_model = "claude-sonnet-4-5-20250929"sv;
  made.upstream = "anthropic"sv;
  made.upstream_request = "req_011CSHoEeqs5C35K2UUqR7Fy"sv;
  made.client.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  return made;
}

// What is marked of an exchange that used so much by now.
inline core::LedgerEntry owing(const core::Usage& usage) {
  core::LedgerEntry entry;
  entry.usage = usage;
  entry.terms = {.tier = core::ServiceTier::standard, .geo = core::InferenceGeo::us};
  entry.cost = 1'000 * usage.output;
  entry.price_version = 0x1234'5678;
  return entry;
}

inline bool same(const core::LedgerEntry& a, const core::LedgerEntry& b) {
  return a.attempt == b.attempt && a.request == b.request && a.key == b.key &&
         a.endpoint == b.endpoint && a.delivery == b.delivery && a.is_stream == b.is_stream &&
         a.attempts == b.attempts && a.status == b.status && a.first_byte_ms == b.first_byte_ms &&
         a.duration_ms == b.duration_ms && a.started == b.started && a.held == b.held &&
         a.usage == b.usage && a.terms == b.terms && a.cost == b.cost &&
         a.price_version == b.price_version && a.is_unpriced == b.is_unpriced &&
         a.model == b.model && a.served_model == b.served_model && a.upstream == b.upstream &&
         a.upstream_request == b.upstream_request && a.client == b.client;
}

}  // namespace relay::store
