#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "admin/admin_api.h"
#include "admin/user_api.h"
#include "app/config.h"
#include "app/key_quotas.h"
#include "app/loop_thread.h"
#include "app/price_directory.h"
#include "app/running_system.h"
#include "app/secrets.h"
#include "app/serving.h"
#include "store/change_listener.h"
#include "store/journal_directory.h"
#include "store/ledger_writer.h"
#include "store/reconciler.h"
#include "store/retention.h"

namespace relay::app {

// The relay as one object: opened, started, stopped. Tests build it as `serve` does.
//
// Everything is handed to whom it concerns here, and nowhere else.
class Station {
 public:
  // Opens the store and the journals, and recovers what a killed process left: the limits of keys
  // count it. All three must outlive the station. Errors are for the person who starts the relay;
  // store_unavailable: it may go well later, if store::is_away().
  static Result<std::unique_ptr<Station>> open(const Config& config, const StationSecrets& secrets,
                                               const Clock& clock);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;
  ~Station();

  // Opens the ports and serves from here on. Returns where.
  Result<Ports> start();

  // Stops accepting, lets exchanges end until the deadline, and takes everything to the store.
  void stop(TimePoint deadline);

  // For a key that `serve` makes itself, before start().
  [[nodiscard]] admin::AdminApi& admin() noexcept { return admin_; }
  [[nodiscard]] KeyDirectory& directory() noexcept { return directory_; }

  // Before start(): what GET /admin/system says of the configuration.
  void show_config(std::vector<admin::ConfigLine> lines) { system_.show_config(std::move(lines)); }

 private:
  Station(const Config& config, const StationSecrets& secrets, const Clock& clock,
          std::unique_ptr<core::Store> store, store::JournalDirectory journals);
  Result<void> open_store();
  void follow(const std::string& table);
  void charge(std::span<const core::LedgerEntry> entries);
  void watch_metrics();
  void watch_keys();
  Result<void> make_journals();

  const Config& config_;
  const Clock& clock_;
  const exchange::Settings settings_;
  const std::vector<net::UpstreamSettings> addresses_;
  Metrics metrics_;
  ExchangeMetrics exchange_metrics_{metrics_};

  core::Pepper pepper_;
  std::unique_ptr<core::Store> store_;
  store::JournalDirectory journal_directory_;
  std::vector<std::unique_ptr<store::Journal>> journals_;
  std::optional<store::LedgerWriter> writer_;
  std::optional<store::Reconciler> reconciler_;
  std::optional<store::Retention> retention_;
  std::unique_ptr<store::ChangeListener> changes_;  // Of others; last, as it calls us.

  core::PriceBook prices_;
  PriceDirectory price_directory_;
  exchange::KeyTable keys_;
  KeyDirectory directory_;
  ExchangeObserver late_observer_{exchange_metrics_, settings_, prices_};  // Of the writer.
  exchange::CredentialFailures failures_;
  exchange::Permits exchanges_;
  exchange::Permits drains_{limits::drains_at_once_max};
  exchange::InputCalibration calibration_;
  exchange::Upstreams upstreams_;

  net::ServerShare server_share_;
  RunningSystem system_;
  admin::Sessions sessions_;
  admin::Account account_;
  admin::AdminApi admin_;
  KeyQuotas quotas_;
  admin::UserApi user_;
  MetricsPage metrics_page_;
  Readiness readiness_;

  std::unique_ptr<net::Workers> workers_ = std::make_unique<net::Workers>();
  std::optional<RouterShare> router_share_;
  std::optional<LoopShare> loop_share_;
  std::vector<std::unique_ptr<LoopThread>> loops_;
  bool is_running_ = false;
};

}  // namespace relay::app
