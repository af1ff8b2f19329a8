#include "fill_store/filling.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace relay::bench {
namespace {

constexpr std::int64_t batch = 5'000;
constexpr std::string_view no_hash = "$2b$10$................................................";

core::AuditEntry audit_of(const core::NewKey& key) {
  return {.at = key.created_at,
          .actor = "fill_store",
          .action = "key.create",
          .object = key.uuid,
          .name = key.name};
}

}  // namespace

core::NewKey Filling::new_key(std::int64_t number, std::ostream& texts) const {
  const Secret secret = core::generate_key();
  const std::string_view text = secret.reveal();
  texts << text << '\n';
  core::NewKey key;
  key.uuid = core::new_uuid();
  key.public_id = core::parse_key(text)->public_id;
  key.secret_hash = no_hash;
  key.digest = pepper_.digest(text);
  key.name = fmt::format("key {}", number);
  key.created_at = clock_.wall();
  return key;
}

Result<void> Filling::add_keys(std::int64_t count, std::ostream& texts) {
  for (std::int64_t done = 0; done < count;) {
    std::vector<core::NewKey> keys;
    std::vector<core::AuditEntry> audits;
    for (std::int64_t i = 0; i < batch && done < count; ++i, ++done) {
      keys.push_back(new_key(done, texts));
      audits.push_back(audit_of(keys.back()));
    }
    const Result<std::vector<core::ApiKey>> made = store_.create_keys(keys, audits);
    if (!made) return std::unexpected(made.error());
    for (const core::ApiKey& key : *made) keys_.push_back(key.id);
  }
  return {};
}

core::LedgerEntry Filling::row(std::int64_t number, std::int64_t count) const {
  core::LedgerEntry entry;
  entry.key = keys_[static_cast<std::size_t>(number) % keys_.size()];
  entry.endpoint = core::Endpoint::messages;
  entry.delivery = core::Delivery::complete;
  entry.is_stream = true;
  entry.attempts = 1;
  entry.status = 200;
  entry.first_byte_ms = 900;
  entry.duration_ms = 12'000;
  entry.started = clock_.wall() - std::chrono::seconds{count - number};
  entry.attempt = core::new_attempt_id(entry.started);
  entry.request = core::new_request_id(entry.started);
  entry.usage = {.input = 1'125, .output = 357, .cache_read = 20'480};
  entry.model = std::string_view{"claude-sonnet-4-5"};
  entry.served_model = std::string_view{"claude-sonnet-4-5-20250929"};
  entry.upstream = std::string_view{"primary"};
  entry.upstream_request = std::string_view{"req_011CSHoEeqs5C35K2UUqR7Fy"};
  return entry;
}

Result<void> Filling::add_rows(std::int64_t count) {
  std::vector<core::LedgerEntry> entries;
  for (std::int64_t done = 0; done < count;) {
    entries.clear();
    for (std::int64_t i = 0; i < batch && done < count; ++i, ++done) {
      entries.push_back(row(done, count));
    }
    const Result<void> appended = store_.append(entries, {});
    if (!appended) return appended;
  }
  return {};
}

}  // namespace relay::bench
