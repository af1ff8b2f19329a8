#pragma once

#include <vector>

#include "admin/system.h"
#include "app/config.h"
#include "app/exchange_metrics.h"
#include "base/clock.h"
#include "exchange/upstreams.h"
#include "net/connection_gate.h"
#include "store/ledger_writer.h"
#include "store/reconciler.h"

namespace relay::app {

// What the operator sees of the running relay. Refers to what it shows; all of that outlives it.
class RunningSystem final : public admin::System {
 public:
  struct Parts {
    const Config& config;
    const Clock& clock;
    const exchange::Upstreams& upstreams;
    const ExchangeMetrics& metrics;
    const net::ConnectionGate& connections;
    const std::optional<store::LedgerWriter>& writer;
    std::optional<store::Reconciler>& reconciler;
    std::size_t loops;
  };
  explicit RunningSystem(const Parts& parts) : parts_{parts}, started_{parts.clock.now()} {}

  // The effective configuration. Before there are calls.
  void show_config(std::vector<admin::ConfigLine> lines) { config_ = std::move(lines); }

  [[nodiscard]] std::vector<admin::UpstreamView> upstreams() override;
  [[nodiscard]] admin::SystemView view() override;

 private:
  [[nodiscard]] WallTime wall_of(TimePoint at) const;

  const Parts parts_;
  const TimePoint started_;
  std::vector<admin::ConfigLine> config_;
};

}  // namespace relay::app
