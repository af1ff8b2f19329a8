#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/access_settings.h"
#include "app/url.h"
#include "base/address_range.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/time_zone.h"
#include "core/price_table.h"
#include "core/tier.h"
#include "exchange/settings.h"
#include "net/endpoint.h"

// What the operator has decided. Plain values; app/options.h says how each of them is written, and
// app/load_config.h where they come from.
namespace relay::app {

using Duration = std::chrono::milliseconds;

enum class ForwardPaths : std::uint8_t { all, core };
enum class ForwardHeaders : std::uint8_t { denylist, allowlist };

struct UpstreamConfig {
  std::string path = "upstream.primary";  // Where it is configured: "upstreams[0]".
  std::string name = "primary";
  Url url = {"https", "", "api.anthropic.com", 443, "/v1"};
  Secret api_key;
  exchange::CredentialScheme credential = exchange::CredentialScheme::x_api_key;
  Duration timeout = std::chrono::seconds{60};  // From connecting to the head of a stream.
  int max_retries = 3;
  int priority = 0;
  int weight = 1;
  Duration cooldown = limits::upstream_cooldown;
  Secret proxy;  // A URL. Secret because it may hold a password.
  std::string ca_file;
  bool allow_plaintext = false;  // http:// to a host that is not this one.
};

struct TimeoutsConfig {
  Duration request_head = limits::request_head_timeout;
  Duration client_idle = limits::client_idle_timeout;
  Duration write_stall = limits::write_stall_max;
  Duration connect = limits::connect_timeout;
  Duration response_head = limits::response_head_timeout;
  Duration stream_idle = limits::stream_idle_timeout;
  Duration stream_total = limits::stream_total_timeout;
  Duration ping_interval = limits::ping_interval;
  Duration abort_drain = limits::drain_after_client_left_max;
  Duration shutdown_drain = limits::drain_timeout;
};

struct LimitsConfig {
  std::size_t request_body = limits::request_body_bytes_max;
  std::size_t batch_body = limits::batch_body_bytes_max;
  std::size_t file_body = limits::file_body_bytes_max;
  std::size_t request_bodies = limits::request_bodies_bytes_max;
  std::size_t connections = limits::connections_max;
  std::size_t connections_per_address = limits::connections_per_address_max;
  std::size_t exchanges = limits::exchanges_in_flight_max;
  std::int64_t exchanges_per_key = 0;  // None: no limit.
};

struct TierConfig {
  std::int64_t requests = 0;
  Duration period = std::chrono::seconds{60};
  std::int64_t count_tokens_requests = 0;
  std::int64_t tokens_per_minute = 0;

  friend bool operator==(const TierConfig&, const TierConfig&) = default;
};

struct RateLimitConfig {
  std::string default_tier;  // Of keys that name none. Empty: no limit.
  std::map<std::string, TierConfig> by_tier = {
      {"basic", {100, std::chrono::seconds{60}}},
      {"premium", {1'000, std::chrono::seconds{60}}},
  };
};

struct AdminConfig {
  Secret password;
  std::vector<net::Endpoint> bind;  // Empty: on the same addresses as everything else.
  std::vector<AddressRange> allow;  // Empty: everybody.
};

struct MetricsConfig {
  std::vector<AddressRange> allow;  // Others need the token.
  Secret token;
  int max_keys = 1'000;
};

struct JournalConfig {
  // None: no client has the end of an answer before its record is on the disk.
  std::optional<Duration> sync = limits::journal_sync_interval;
};

struct RetentionConfig {
  int days = 0;  // Of ledger entries. 0: for ever.
  std::size_t rows = 0;
};

struct PricesConfig {
  std::string file;  // Rows that prevail over those that are built in. Empty: none.
  core::UnpricedPolicy unpriced;
  std::vector<core::PriceRow> rows;  // Both, once the configuration is loaded.
};

struct Config {
  Config();

  std::vector<net::Endpoint> listen = {net::Endpoint::loopback(8000)};
  std::string data_dir = "data";
  int loops = 0;  // 0: one for each processor.
  std::string public_url;
  TimeZone time_zone;
  Secret secret_key;
  Secret database_url;  // Empty: SQLite in the data directory.
  Secret redis_url;
  std::vector<AddressRange> trusted_proxies;
  exchange::OnAbort on_abort = exchange::OnAbort::cancel;
  exchange::RateLimitFields ratelimit_headers = exchange::RateLimitFields::pass;
  ForwardHeaders forward_headers = ForwardHeaders::denylist;
  ForwardPaths forward_paths = ForwardPaths::all;
  bool forward_organizations = false;
  std::vector<UpstreamConfig> upstreams;  // Empty: nothing can be forwarded yet.
  TimeoutsConfig timeouts;
  LimitsConfig limits;
  RateLimitConfig rate_limit;
  int auth_failures_per_minute = 20;
  AdminConfig admin;
  MetricsConfig metrics;
  JournalConfig journal;
  RetentionConfig retention;
  PricesConfig prices;
  LogOptions log;
};

// What store::open_store() is to open.
std::string store_url(const Config& config);

// Where the embedded store lies. None: the store is a PostgreSQL.
std::optional<std::filesystem::path> sqlite_file(const Config& config);

// The tiers as the store keeps them.
std::vector<core::Tier> configured_tiers(const Config& config);

// What the pipeline needs of it, and what the keys do.
exchange::Settings exchange_settings(const Config& config);
AccessSettings access_settings(const Config& config);

}  // namespace relay::app
