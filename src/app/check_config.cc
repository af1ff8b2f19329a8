#include "app/check_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/options.h"

namespace relay::app {
namespace {

class Check {
 public:
  explicit Check(ConfigDraft& draft) : draft_{draft}, config_{draft.config} {}

  void run() {
    check_upstreams();
    drop_unused_primary();
    check_listeners();
    check_timeouts();
    check_limits();
    check_access();
    refuse_redis();
  }

 private:
  // Where an option was set; for a default, its path says enough.
  void fail(const std::string& path, std::string message) {
    const auto source = draft_.sources.find(path);
    draft_.fail(source == draft_.sources.end() ? "configuration" : source->second,
                std::move(message));
  }
  [[nodiscard]] bool is_set(const std::string& path) const { return draft_.sources.contains(path); }

  void check_upstreams() {
    std::set<std::string> names;
    for (const UpstreamConfig& upstream : config_.upstreams) {
      check_plaintext(upstream);
      const bool is_listed = upstream.path != primary_path;
      if (is_listed && upstream.api_key.empty()) {
        fail(upstream.path, upstream.path + ": api_key is missing");
      }
      if (!names.insert(upstream.name).second) {
        fail(upstream.path, fmt::format("two upstreams are called '{}'", upstream.name));
      }
    }
  }

  void check_plaintext(const UpstreamConfig& upstream) {
    static constexpr std::string_view here[] = {"localhost", "127.0.0.1", "::1"};
    const bool is_here = std::ranges::find(here, upstream.url.host) != std::end(here);
    if (upstream.url.scheme == "http" && !is_here && !upstream.allow_plaintext) {
      fail(upstream.path + ".url",
           fmt::format("{0}.url: http:// would send the credential in the clear; use https://, or "
                       "set {0}.allow_plaintext: true",
                       upstream.path));
    }
  }

  void drop_unused_primary() {
    const std::string prefix = std::string{primary_path} + ".";
    const bool has_others = config_.upstreams.size() > 1;
    if (!config_.upstreams.front().api_key.empty()) return;
    const bool is_mentioned = std::ranges::any_of(
        draft_.sources, [&](const auto& source) { return source.first.starts_with(prefix); });
    if (has_others && is_mentioned) {
      fail(prefix + "url", "upstream.primary: api_key is missing");
    } else if (!has_others) {
      draft_.warnings.emplace_back(no_upstream_warning);
    }
    config_.upstreams.erase(config_.upstreams.begin());
  }

  void check_listeners() {
    if (config_.listen.empty()) fail("listen", "listen: expected at least one ADDRESS:PORT");
    std::set<net::Endpoint> taken;
    for (const auto* listeners : {&config_.listen, &config_.admin.bind}) {
      for (const net::Endpoint& endpoint : *listeners) {
        const bool is_new = endpoint.port == 0 || taken.insert(endpoint).second;
        if (!is_new) {
          fail(listeners == &config_.listen ? "listen" : "admin.bind",
               fmt::format("{} is listened on twice", to_string(endpoint)));
        }
      }
    }
  }

  void check_timeouts() {
    const TimeoutsConfig& timeouts = config_.timeouts;
    if (timeouts.ping_interval >= timeouts.stream_idle) {
      fail("timeouts.ping_interval", "timeouts.ping_interval: expected less than stream_idle");
    }
    if (timeouts.stream_idle > timeouts.stream_total) {
      fail("timeouts.stream_idle", "timeouts.stream_idle: expected at most stream_total");
    }
  }

  void check_limits() {
    const LimitsConfig& limits = config_.limits;
    if (limits.request_body > limits.request_bodies) {
      fail("limits.request_body", "limits.request_body: expected at most request_bodies");
    }
    if (limits.exchanges > limits.connections) {
      fail("limits.exchanges", "limits.exchanges: expected at most connections");
    }
  }

  void check_access() {
    const std::string& tier = config_.rate_limit.default_tier;
    if (!tier.empty() && !config_.rate_limit.by_tier.contains(tier)) {
      fail("rate_limit.default_tier",
           fmt::format("rate_limit.default_tier: there is no tier '{}'", tier));
    }
  }

  // It would guard something, so it must not be taken and ignored.
  void refuse_redis() {
    if (config_.redis_url.empty()) return;
    fail("redis_url",
         "redis_url: this version cannot share limits through Redis yet; take it out of the "
         "configuration");
  }

  ConfigDraft& draft_;
  Config& config_;
};

}  // namespace

void check_config(ConfigDraft& draft) {
  Check{draft}.run();
}

}  // namespace relay::app
