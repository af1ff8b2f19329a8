#include "app/station.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "app/ledger_metrics.h"
#include "app/upstream_addresses.h"
#include "base/log.h"
#include "base/process_metrics.h"
#include "claude/model_family.h"
#include "core/allowance_view.h"
#include "store/open_store.h"

namespace relay::app {
namespace {

namespace fs = std::filesystem;

// A PostgreSQL may be away later, but not now: a station begins by reading the keys.
Result<void> check_reached(core::Store& store) {
  const auto tiers = store.all_tiers();
  if (tiers) return {};
  Error error = tiers.error();
  error.message =
      "The database cannot be used, and a relay begins by reading the keys. Let the database admit "
      "the relay, or correct DATABASE_URL, and start the relay again.";
  return std::unexpected(std::move(error));
}

// A set for one loop.
Result<net::TlsClients> tls_clients(const std::vector<net::UpstreamSettings>& upstreams) {
  net::TlsClients all;
  for (const net::UpstreamSettings& upstream : upstreams) {
    const net::Target& target = upstream.target;
    if (!target.is_encrypted || all.contains(target.ca_file)) continue;
    Result<net::TlsClient> tls = net::TlsClient::open(target.ca_file);
    if (!tls) return std::unexpected(tls.error());
    all.emplace(target.ca_file, std::move(*tls));
  }
  return all;
}

std::size_t loop_count(const Config& config) {
  if (config.loops > 0) return static_cast<std::size_t>(config.loops);
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, limits::loops_max);
}

struct FullKey {
  const exchange::KeyEntry* key = nullptr;
  double ratio = 0;
};

std::vector<FullKey> fullest_keys(const exchange::KeySnapshot& keys, const core::Periods& now,
                                  std::size_t count_max) {
  std::vector<FullKey> full;
  for (const exchange::KeyEntry& key : keys.keys()) {
    const auto ratio = core::token_quota_ratio(*key.allowance, key.allowed, now);
    if (ratio) full.push_back({&key, *ratio});
  }
  const std::size_t count = std::min(full.size(), count_max);
  std::ranges::partial_sort(full, full.begin() + static_cast<std::ptrdiff_t>(count),
                            std::ranges::greater{}, &FullKey::ratio);
  full.resize(count);
  return full;
}

}  // namespace

Result<std::unique_ptr<Station>> Station::open(const Config& config, const StationSecrets& secrets,
                                               const Clock& clock) {
  Result<std::unique_ptr<core::Store>> store = store::open_store(store_url(config), clock);
  if (!store) return std::unexpected(store.error());
  const Result<void> reached = check_reached(**store);
  if (!reached) return std::unexpected(reached.error());
  Result<store::JournalDirectory> journals =
      store::JournalDirectory::open(fs::path{config.data_dir} / "journal");
  if (!journals) return std::unexpected(journals.error());

  std::unique_ptr<Station> station{
      new Station{config, secrets, clock, std::move(*store), std::move(*journals)}};
  const Result<void> made = station->make_journals();
  if (!made) return std::unexpected(made.error());
  const Result<void> recovered = station->writer_->recover();
  if (!recovered) return std::unexpected(recovered.error());
  const Result<void> opened = station->open_store();
  if (!opened) return std::unexpected(opened.error());
  const Result<void> priced = station->price_directory_.refresh();
  if (!priced) return std::unexpected(priced.error());
  return station;
}

Station::Station(const Config& config, const StationSecrets& secrets, const Clock& clock,
                 std::unique_ptr<core::Store> store, store::JournalDirectory journals)
    : config_{config},
      clock_{clock},
      settings_{exchange_settings(config_)},
      addresses_{upstream_addresses(config_)},
      pepper_{secrets.secret_key},
      store_{std::move(store)},
      journal_directory_{std::move(journals)},
      price_directory_{*store_, config_.prices, prices_},
      directory_{*store_, pepper_, keys_, clock_, access_settings(config_)},
      failures_{static_cast<std::uint32_t>(config.auth_failures_per_minute),
                exchange_metrics_.auth_failures.with({"key"})},
      exchanges_{config.limits.exchanges},
      upstreams_{settings_.upstreams},
      server_share_{net::ConnectionGate{connection_bounds(config_)},
                    net::BodyBudget{config_.limits.request_bodies}, config_.trusted_proxies},
      system_{{.config = config_,
               .clock = clock_,
               .upstreams = upstreams_,
               .metrics = exchange_metrics_,
               .connections = server_share_.gate,
               .writer = writer_,
               .reconciler = reconciler_,
               .loops = loop_count(config_)}},
      sessions_{secrets.secret_key},
      account_{*store_, sessions_, secrets.admin_password, clock_},
      admin_{{.store = *store_,
              .pepper = pepper_,
              .clock = clock_,
              .sessions = sessions_,
              .account = account_,
              .zone = config_.time_zone,
              .prices = prices_,
              .keys_changed = [this] { return directory_.refresh(); },
              .prices_changed = [this] { return price_directory_.refresh(); },
              .costs_corrected =
                  [this](std::span<const core::LedgerEntry> corrections) {
                    directory_.correct(corrections);
                  },
              .system = &system_}},
      quotas_{keys_, config_.time_zone, clock_},
      user_{*store_, config_.time_zone, clock_, quotas_},
      metrics_page_{metrics_, config_.metrics.allow, config_.metrics.token} {
  readiness_.has_upstream = !settings_.upstreams.empty();
  router_share_.emplace(RouterShare{admin_, user_, config_.admin.allow, metrics_page_, readiness_,
                                    *workers_, exchange_metrics_.auth_failures.with({"admin"})});
  loop_share_.emplace(LoopShare{settings_, addresses_, keys_, pepper_, prices_, failures_,
                                exchanges_, drains_, calibration_, upstreams_, directory_, *store_,
                                exchange_metrics_, clock_, *router_share_, server_share_,
                                server_limits(config_), loop_count(config_), config_.time_zone});
  watch_metrics();
  watch_keys();
}

Station::~Station() {
  if (is_running_) stop(clock_.now());
  writer_.reset();  // Before what it tells.
}

Result<void> Station::open_store() {
  const Result<void> account = account_.open();
  if (!account) return account;
  const Result<void> tiers =
      admin::put_configured_tiers(*store_, configured_tiers(config_), clock_.wall());
  if (!tiers) return tiers;
  return directory_.open();
}

// What no exchange has held or settled, and the store has for the first time.
void Station::charge(std::span<const core::LedgerEntry> entries) {
  directory_.charge(entries);
  for (const core::LedgerEntry& entry : entries) late_observer_.charged(entry);
}

// Somebody else has changed what is in the store: another relay, or a command.
void Station::follow(const std::string& table) {
  const Result<void> keys = directory_.refresh();
  const Result<void> prices = price_directory_.refresh();
  if (keys && prices) return;
  const Error& error = keys ? prices.error() : keys.error();
  log_warning("A change of " + (table.empty() ? "the store" : table) +
              " is not in force yet: " + error.message + " " + error.detail);
}

// One for each loop. Each has an equal share of what may wait for the store.
Result<void> Station::make_journals() {
  const std::size_t loops = loop_share_->loops;
  std::vector<store::Journal*> all;
  for (std::size_t i = 0; i < loops; ++i) {
    Result<std::unique_ptr<store::Journal>> journal = store::Journal::create(
        {.directory = journal_directory_.path(),
         .backlog_bytes_max =
             std::max(limits::journal_segment_bytes, limits::journal_backlog_bytes_max / loops)});
    if (!journal) return std::unexpected(journal.error());
    all.push_back(journal->get());
    journals_.push_back(std::move(*journal));
  }
  writer_.emplace(
      *store_, journal_directory_, all, clock_,
      [this](std::span<const core::LedgerEntry> entries) { charge(entries); },
      config_.journal.sync.value_or(limits::journal_sync_interval));
  reconciler_.emplace(*store_, std::vector<const store::Journal*>{all.begin(), all.end()}, clock_);
  retention_.emplace(*store_,
                     store::RetentionTerms{.age = std::chrono::days{config_.retention.days},
                                           .rows = config_.retention.rows,
                                           .zone = config_.time_zone},
                     clock_);
  return {};
}

Result<Ports> Station::start() {
  writer_->start();
  reconciler_->start();
  retention_->start();
  Ports ports{.clients = config_.listen, .operators = config_.admin.bind};
  for (std::size_t i = 0; i < loop_share_->loops; ++i) {
    Result<net::TlsClients> tls = tls_clients(addresses_);
    if (!tls) return std::unexpected(tls.error());
    store::LedgerWriter* const keeper = config_.journal.sync ? nullptr : &*writer_;
    auto loop = std::make_unique<LoopThread>(*loop_share_, *journals_[i], keeper, std::move(*tls));
    // The first loop settles which port 0 becomes; the others share it.
    const Result<void> opened =
        open_ports(ports, [&loop](const auto& at, Side side) { return loop->listen(at, side); });
    if (!opened) return std::unexpected(opened.error());
    loops_.push_back(std::move(loop));
  }
  changes_ = store::listen_for_changes(store_url(config_),
                                       [this](const std::string& table) { follow(table); });
  for (const auto& loop : loops_) loop->start();
  is_running_ = true;
  return ports;
}

void Station::stop(TimePoint deadline) {
  readiness_.is_stopping = true;
  for (const auto& loop : loops_) loop->stop(deadline);
  for (const auto& loop : loops_) loop->join();
  workers_.reset();  // Before the loops that its jobs report to.
  loops_.clear();
  changes_.reset();
  retention_.reset();
  reconciler_.reset();
  writer_->stop(clock_.now() + limits::ledger_stop_max);
  is_running_ = false;
}

void Station::watch_metrics() {
  add_process_metrics(metrics_, clock_);
  add_ledger_metrics(
      metrics_, [this] { return writer_ ? &*writer_ : nullptr; },
      [this] { return reconciler_ ? reconciler_->last() : std::nullopt; });
}

// How much of their tokens the keys have used that may use only so many; those that have used most.
void Station::watch_keys() {
  metrics_.on_scrape(
      {.name = "token_quota_usage_ratio",
       .help = "Part of a key's limit of tokens that is used, of its fullest window.",
       .labels = {"key_id", "key_name"}},
      MetricType::gauge, [this](MetricSamples& samples) {
        const auto keys = keys_.snapshot();
        const core::Periods now = core::periods_at(config_.time_zone, clock_.wall());
        for (const FullKey& full :
             fullest_keys(*keys, now, static_cast<std::size_t>(config_.metrics.max_keys))) {
          samples.add({full.key->uuid, full.key->name}, full.ratio);
        }
      });
  metrics_.on_scrape(
      {.name = "relay_input_estimate_ratio",
       .help = "Tokens of questions as they are estimated, divided by what the upstream counts.",
       .labels = {"family"}},
      MetricType::gauge, [this](MetricSamples& samples) {
        for (const claude::ModelFamily family : claude::every_family) {
          samples.add({to_string(family)}, 1 / calibration_.factor(family));
        }
      });
}

}  // namespace relay::app
