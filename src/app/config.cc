#include "app/config.h"

#include "store/database_url.h"

namespace relay::app {
namespace {

// Loopback and the private ranges (RFC 1918, RFC 4193).
std::vector<AddressRange> local_ranges() {
  const auto v4 = [](std::uint8_t a, std::uint8_t b, int bits) {
    return AddressRange{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, 0, 0}}, 96 + bits};
  };
  AddressRange loopback;
  loopback.address.bytes[15] = 1;
  AddressRange unique_local{{}, 7};
  unique_local.address.bytes[0] = 0xfc;
  return {v4(127, 0, 8), loopback, v4(10, 0, 8), v4(172, 16, 12), v4(192, 168, 16), unique_local};
}

exchange::UpstreamSettings upstream_settings(const UpstreamConfig& upstream,
                                             const TimeoutsConfig& timeouts) {
  return {
      .name = upstream.name,
      .host = upstream.url.authority(),
      .base_path = upstream.url.path,
      .origin = upstream.url.scheme + "://" + upstream.url.authority(),
      .api_key = std::string{upstream.api_key.reveal()},
      .scheme = upstream.credential,
      .priority = upstream.priority,
      .weight = upstream.weight,
      .cooldown_max = upstream.cooldown,
      .head_timeout = timeouts.response_head,
      .stream_head_timeout = upstream.timeout,
      .retries_max = upstream.max_retries,
  };
}

}  // namespace

Config::Config() {
  metrics.allow = local_ranges();
}

std::string store_url(const Config& config) {
  if (!config.database_url.empty()) return std::string{config.database_url.reveal()};
  return "sqlite:///" + (std::filesystem::path{config.data_dir} / "relay.db").string();
}

std::optional<std::filesystem::path> sqlite_file(const Config& config) {
  return store::sqlite_path(store_url(config));
}

std::vector<core::Tier> configured_tiers(const Config& config) {
  std::vector<core::Tier> tiers;
  for (const auto& [name, tier] : config.rate_limit.by_tier) {
    tiers.push_back({.name = name,
                     .requests = tier.requests,
                     .period = tier.period,
                     .tokens_per_minute = tier.tokens_per_minute,
                     .count_tokens_requests = tier.count_tokens_requests,
                     .is_configured = true});
  }
  return tiers;
}

exchange::Settings exchange_settings(const Config& config) {
  exchange::Settings settings;
  for (const UpstreamConfig& upstream : config.upstreams) {
    settings.upstreams.push_back(upstream_settings(upstream, config.timeouts));
  }
  settings.forwards_core_paths_only = config.forward_paths == ForwardPaths::core;
  settings.forwards_organization_paths = config.forward_organizations;
  settings.forward_headers = config.forward_headers == ForwardHeaders::allowlist
                                 ? http::ForwardHeaders::allowlist
                                 : http::ForwardHeaders::denylist;
  settings.ratelimit_fields = config.ratelimit_headers;
  settings.on_abort = config.on_abort;
  settings.abort_drain = config.timeouts.abort_drain;
  settings.public_origin = config.public_url;
  settings.ping_interval = config.timeouts.ping_interval;
  settings.stream_idle_timeout = config.timeouts.stream_idle;
  settings.stream_total_timeout = config.timeouts.stream_total;
  settings.request_body_bytes_max = config.limits.request_body;
  settings.batch_body_bytes_max = config.limits.batch_body;
  settings.file_body_bytes_max = config.limits.file_body;
  return settings;
}

AccessSettings access_settings(const Config& config) {
  return {.time_zone = config.time_zone,
          .default_tier = config.rate_limit.default_tier,
          .concurrency = config.limits.exchanges_per_key};
}

}  // namespace relay::app
