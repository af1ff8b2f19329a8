#include "app/options.h"

#include <algorithm>

#include "app/name_rules.h"
#include "store/database_url.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using exchange::CredentialScheme;
using exchange::OnAbort;
using exchange::RateLimitFields;
using limits::kib;
using limits::mib;
using Options = std::vector<Option<Config>>;

template <typename Kind, typename Member>
Option<Config> one(std::string path, Kind kind, Member member, std::string about) {
  return make_option<Config>(std::move(path), kind, member, std::move(about));
}

template <typename Kind, typename Member>
Option<Config> list(std::string path, Kind kind, Member member, std::string about) {
  return make_list_option<Config>(std::move(path), kind, member, std::move(about));
}

template <typename Kind, typename Member>
Option<UpstreamConfig> upstream(std::string path, Kind kind, Member member, std::string about) {
  return make_option<UpstreamConfig>(std::move(path), kind, member, std::move(about));
}

void add_process(Options& all) {
  all.push_back(list(
                    "listen", EndpointKind{}, [](auto& c) -> auto& { return c.listen; },
                    "Where clients are served.")
                    .with_flag("--listen"));
  all.push_back(one(
                    "data_dir", TextKind{is_path, "a path"},
                    [](auto& c) -> auto& { return c.data_dir; },
                    "The store, the journal and generated secrets lie there.")
                    .with_flag("--data"));
  all.push_back(one(
                    "loops", IntegerKind<int>{0, limits::loops_max},
                    [](auto& c) -> auto& { return c.loops; },
                    "Event loops; 0 is one for each processor.")
                    .with_flag("--loops"));
  all.push_back(one(
      "public_url", TextKind{is_public_url, "an http or https URL without a path"},
      [](auto& c) -> auto& { return c.public_url; },
      "Under which clients reach the relay, for links in answers."));
  all.push_back(one(
      "time_zone", TimeZoneKind{}, [](auto& c) -> auto& { return c.time_zone; },
      "By whose calendar limits and reports count days, weeks and months."));
  all.push_back(list(
      "trusted_proxies", AddressRangeKind{}, [](auto& c) -> auto& { return c.trusted_proxies; },
      "Front proxies whose X-Forwarded-For is believed."));
}

void add_secrets(Options& all) {
  all.push_back(one(
                    "secret_key", SecretKind{}, [](auto& c) -> auto& { return c.secret_key; },
                    "At least 32 random bytes; generated into the data directory if there is none.")
                    .with_variable("SECRET_KEY"));
  all.push_back(one(
                    "database_url", SecretKind{is_database_url, store::database_url_forms},
                    [](auto& c) -> auto& { return c.database_url; },
                    "The store; without one, SQLite in the data directory.")
                    .with_variable("DATABASE_URL"));
  all.push_back(one(
                    "redis_url", SecretKind{is_redis_url, "redis://... or rediss://..."},
                    [](auto& c) -> auto& { return c.redis_url; },
                    "Not supported yet, and refused: limits that several relays share.")
                    .with_variable("REDIS_URL"));
  all.push_back(one(
                    "admin.password", SecretKind{is_one_line_text, "text of one line"},
                    [](auto& c) -> auto& { return c.admin.password; },
                    "At least 12 characters; generated into the data directory if there is none. "
                    "One that was "
                    "set through the API or by `admin passwd` wins.")
                    .with_variable("ADMIN_PASSWORD"));
  all.push_back(one(
      "metrics.token", SecretKind{}, [](auto& c) -> auto& { return c.metrics.token; },
      "Lets scrapers from elsewhere read /metrics, as a bearer token."));
}

void add_forwarding(Options& all) {
  all.push_back(one(
      "on_abort", ChoiceKind<OnAbort>{{{"cancel", OnAbort::cancel}, {"drain", OnAbort::drain}}},
      [](auto& c) -> auto& { return c.on_abort; },
      "What becomes of an upstream's answer when its client has gone."));
  all.push_back(one(
      "forward.paths",
      ChoiceKind<ForwardPaths>{{{"all", ForwardPaths::all}, {"core", ForwardPaths::core}}},
      [](auto& c) -> auto& { return c.forward_paths; },
      "Whether everything is forwarded or only what the Messages API needs."));
  all.push_back(one(
      "forward.organizations", BooleanKind{},
      [](auto& c) -> auto& { return c.forward_organizations; },
      "Whether /v1/organizations/* is forwarded too."));
  all.push_back(one(
      "forward_headers",
      ChoiceKind<ForwardHeaders>{
          {{"denylist", ForwardHeaders::denylist}, {"allowlist", ForwardHeaders::allowlist}}},
      [](auto& c) -> auto& { return c.forward_headers; },
      "Whether header fields we do not know reach the upstream."));
  all.push_back(one(
      "ratelimit_headers",
      ChoiceKind<RateLimitFields>{{{"pass", RateLimitFields::pass},
                                   {"hide", RateLimitFields::hide},
                                   {"own", RateLimitFields::own}}},
      [](auto& c) -> auto& { return c.ratelimit_headers; },
      "What clients see of anthropic-ratelimit-*."));
}

void add_timeouts(Options& all) {
  const auto add = [&](std::string name, DurationKind kind, auto member, std::string about) {
    all.push_back(one("timeouts." + std::move(name), kind, member, std::move(about)));
  };
  add(
      "request_head", {1s, 60s}, [](auto& c) -> auto& { return c.timeouts.request_head; },
      "For a client to send the head of a request.");
  add(
      "client_idle", {1s, 1h}, [](auto& c) -> auto& { return c.timeouts.client_idle; },
      "How long a connection may wait for its next request.");
  add(
      "write_stall", {1s, 10min}, [](auto& c) -> auto& { return c.timeouts.write_stall; },
      "Without progress in sending, a client counts as gone.");
  add(
      "connect", {100ms, 60s}, [](auto& c) -> auto& { return c.timeouts.connect; },
      "To connect to an upstream, TLS included.");
  add(
      "response_head", {1s, 1h}, [](auto& c) -> auto& { return c.timeouts.response_head; },
      "For the head of an answer that is not a stream.");
  add(
      "stream_idle", {1s, 1h}, [](auto& c) -> auto& { return c.timeouts.stream_idle; },
      "Between two pieces of an answer.");
  add(
      "stream_total", {1s, 24h}, [](auto& c) -> auto& { return c.timeouts.stream_total; },
      "For a whole answer.");
  add(
      "ping_interval", {1s, 5min}, [](auto& c) -> auto& { return c.timeouts.ping_interval; },
      "Of silence, before a streaming client is sent a ping.");
  add(
      "abort_drain", {0s, 10min}, [](auto& c) -> auto& { return c.timeouts.abort_drain; },
      "With on_abort: drain, how long an answer nobody waits for is read.");
  add(
      "shutdown_drain", {0s, 1h}, [](auto& c) -> auto& { return c.timeouts.shutdown_drain; },
      "For open streams to end on SIGTERM.");
}

void add_limits(Options& all) {
  const auto add = [&](std::string name, auto kind, auto member, std::string about) {
    all.push_back(one("limits." + std::move(name), kind, member, std::move(about)));
  };
  using Count = IntegerKind<std::size_t>;
  add(
      "request_body", BytesKind{kib, limits::request_body_bytes_max},
      [](auto& c) -> auto& { return c.limits.request_body; }, "One request body.");
  add(
      "batch_body", BytesKind{kib, limits::batch_body_bytes_max},
      [](auto& c) -> auto& { return c.limits.batch_body; }, "One batch of messages.");
  add(
      "file_body", BytesKind{kib, limits::file_body_bytes_max},
      [](auto& c) -> auto& { return c.limits.file_body; }, "One uploaded file.");
  add(
      "request_bodies", BytesKind{mib, 64 * 1024 * mib},
      [](auto& c) -> auto& { return c.limits.request_bodies; },
      "All request bodies in memory together.");
  add(
      "connections", Count{1, 1'000'000}, [](auto& c) -> auto& { return c.limits.connections; },
      "Open connections of clients.");
  add(
      "connections_per_address", Count{1, 1'000'000},
      [](auto& c) -> auto& { return c.limits.connections_per_address; },
      "Of one address, before its first valid key.");
  add(
      "exchanges", Count{1, 1'000'000}, [](auto& c) -> auto& { return c.limits.exchanges; },
      "Exchanges at the same time.");
  add(
      "exchanges_per_key", IntegerKind<std::int64_t>{0, 1'000'000},
      [](auto& c) -> auto& { return c.limits.exchanges_per_key; },
      "Exchanges at the same time under a key that has no such limit of its own; 0 is no limit.");
}

void add_access(Options& all) {
  all.push_back(one(
      "rate_limit.default_tier", TextKind{is_name_or_empty, "the name of a tier"},
      [](auto& c) -> auto& { return c.rate_limit.default_tier; },
      "For keys that name no tier; empty is no limit."));
  all.push_back(one(
      "auth.failures_per_minute", IntegerKind<int>{0, 10'000},
      [](auto& c) -> auto& { return c.auth_failures_per_minute; },
      "Bad keys from one address, before it has to wait; 0 is without end."));
  all.push_back(list(
      "admin.bind", EndpointKind{}, [](auto& c) -> auto& { return c.admin.bind; },
      "Where the admin API and the console are served, if not where clients are."));
  all.push_back(list(
      "admin.allow", AddressRangeKind{}, [](auto& c) -> auto& { return c.admin.allow; },
      "Who may reach the admin API; empty is everybody."));
  all.push_back(list(
      "metrics.allow", AddressRangeKind{}, [](auto& c) -> auto& { return c.metrics.allow; },
      "Who may read /metrics without the token."));
  all.push_back(one(
      "metrics.max_keys", IntegerKind<int>{0, 10'000},
      [](auto& c) -> auto& { return c.metrics.max_keys; },
      "Keys that are shown in metrics, the most used ones first."));
}

void add_records(Options& all) {
  all.push_back(one(
      "journal.sync",
      SyncKind{{limits::journal_sync_interval_min, limits::journal_sync_interval_max}},
      [](auto& c) -> auto& { return c.journal.sync; },
      "How much of what was used a loss of power may take; with each, no answer ends before its "
      "record is on the disk."));
  all.push_back(one(
      "retention.days", IntegerKind<int>{0, 36'500},
      [](auto& c) -> auto& { return c.retention.days; },
      "For how long the ledger keeps each request; 0 is for ever. Totals stay in any case."));
  all.push_back(one(
      "retention.rows", IntegerKind<std::size_t>{0, 1'000'000'000},
      [](auto& c) -> auto& { return c.retention.rows; },
      "How many requests the ledger keeps at most, the newest ones; 0 is all."));
}

void add_prices(Options& all) {
  all.push_back(one(
      "prices.file", TextKind{is_path_or_empty, "a path"},
      [](auto& c) -> auto& { return c.prices.file; },
      "Prices that prevail over those that are built in, in the same form."));
  all.push_back(one(
      "prices.unpriced", UnpricedKind{}, [](auto& c) -> auto& { return c.prices.unpriced; },
      "Whether keys with a limit in dollars may ask for a model without a price, and as which "
      "other one it is charged."));
}

void add_log(Options& all) {
  all.push_back(one(
                    "log.level",
                    ChoiceKind<LogLevel>{{{"debug", LogLevel::debug},
                                          {"info", LogLevel::info},
                                          {"warning", LogLevel::warning},
                                          {"error", LogLevel::error}}},
                    [](auto& c) -> auto& { return c.log.level; }, "The least that is written.")
                    .with_flag("--log-level"));
  all.push_back(one(
      "log.format",
      ChoiceKind<LogFormat>{{{"auto", LogFormat::automatic},
                             {"json", LogFormat::json},
                             {"logfmt", LogFormat::logfmt}}},
      [](auto& c) -> auto& { return c.log.format; },
      "auto is logfmt on a terminal and JSON elsewhere."));
  all.push_back(one(
      "log.file", TextKind{is_path_or_empty, "a path"}, [](auto& c) -> auto& { return c.log.file; },
      "Empty is standard error."));
  all.push_back(one(
      "log.access_file", TextKind{is_path_or_empty, "a path"},
      [](auto& c) -> auto& { return c.log.access_file; },
      "A file of its own for one line per exchange."));
}

std::vector<Option<UpstreamConfig>> make_upstream_options() {
  return {
      upstream(
          "name", TextKind{is_name, "letters, digits, - and _, at most 31"},
          [](auto& u) -> auto& { return u.name; }, "In logs and metrics."),
      upstream(
          "url", UrlKind{}, [](auto& u) -> auto& { return u.url; }, "With or without /v1.")
          .with_flag("--upstream"),
      upstream(
          "api_key", SecretKind{}, [](auto& u) -> auto& { return u.api_key; },
          "The credential that pays.")
          .with_variable("UPSTREAM_API_KEY"),
      upstream(
          "credential",
          ChoiceKind<CredentialScheme>{{{"x-api-key", CredentialScheme::x_api_key},
                                        {"bearer", CredentialScheme::bearer},
                                        {"same-as-client", CredentialScheme::same_as_client}}},
          [](auto& u) -> auto& { return u.credential; }, "The field that carries it."),
      upstream(
          "timeout", DurationKind{1s, 1h}, [](auto& u) -> auto& { return u.timeout; },
          "From connecting to the head of a streamed answer."),
      upstream(
          "max_retries", IntegerKind<int>{0, limits::upstream_attempts_max - 1},
          [](auto& u) -> auto& { return u.max_retries; },
          "Before the first byte, and within the retry budget."),
      upstream(
          "priority", IntegerKind<int>{0, 1'000}, [](auto& u) -> auto& { return u.priority; },
          "Lower ones are asked first."),
      upstream(
          "weight", IntegerKind<int>{1, 1'000}, [](auto& u) -> auto& { return u.weight; },
          "The share among those of one priority."),
      upstream(
          "cooldown", DurationKind{1s, 1h}, [](auto& u) -> auto& { return u.cooldown; },
          "How long at most a failing upstream is left alone, unless it says so itself."),
      upstream(
          "proxy", SecretKind{is_proxy_url, "an http:// or socks5:// URL"},
          [](auto& u) -> auto& { return u.proxy; }, "The way out to this upstream."),
      upstream(
          "ca_file", TextKind{is_path_or_empty, "a path"},
          [](auto& u) -> auto& { return u.ca_file; },
          "Certificates to trust instead of the system's."),
      upstream(
          "allow_plaintext", BooleanKind{}, [](auto& u) -> auto& { return u.allow_plaintext; },
          "Permits http:// to another host."),
  };
}

Options make_config_options() {
  Options all;
  add_process(all);
  add_secrets(all);
  add_forwarding(all);
  add_timeouts(all);
  add_limits(all);
  add_access(all);
  add_records(all);
  add_prices(all);
  add_log(all);
  return all;
}

}  // namespace

const std::vector<Option<Config>>& config_options() {
  static const Options options = make_config_options();
  return options;
}

const std::vector<Option<UpstreamConfig>>& upstream_options() {
  static const std::vector<Option<UpstreamConfig>> options = make_upstream_options();
  return options;
}

const std::vector<Option<TierConfig>>& tier_options() {
  static const std::vector<Option<TierConfig>> options = {
      make_option<TierConfig>(
          "requests", IntegerKind<std::int64_t>{1, 1'000'000'000},
          [](auto& t) -> auto& { return t.requests; }, "How many requests"),
      make_option<TierConfig>(
          "period", DurationKind{1s, 24h}, [](auto& t) -> auto& { return t.period; },
          "in how much time."),
      make_option<TierConfig>(
          "count_tokens_requests", IntegerKind<std::int64_t>{0, 1'000'000'000},
          [](auto& t) -> auto& { return t.count_tokens_requests; },
          "Requests to count tokens in that time, counted apart; 0 is as many as requests."),
      make_option<TierConfig>(
          "tokens_per_minute", IntegerKind<std::int64_t>{0, 1'000'000'000},
          [](auto& t) -> auto& { return t.tokens_per_minute; },
          "Tokens of all kinds in a minute; 0 is no limit."),
  };
  return options;
}

std::string variable_of(std::string_view path) {
  std::string name = "RELAY_";
  for (const char byte : path) {
    name += byte == '.' ? '_' : static_cast<char>(byte >= 'a' && byte <= 'z' ? byte - 32 : byte);
  }
  return name;
}

}  // namespace relay::app
