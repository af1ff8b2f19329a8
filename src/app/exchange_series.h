#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/exchange_metrics.h"
#include "core/ledger.h"
#include "core/price_table.h"
#include "core/usage.h"
#include "http/ports.h"

namespace relay::app {

// How an exchange ended, as the metrics and the log say it.
enum class Ending : std::uint8_t { ok, client_abort, upstream_error, relay_error, denied };

[[nodiscard]] std::string_view to_string(Ending ending) noexcept;

// The series of ExchangeMetrics that exchanges count in, found without a look at their labels once
// they are known. Belongs to one loop.
class ExchangeSeries {
 public:
  ExchangeSeries(ExchangeMetrics& metrics, const core::PriceBook& prices) noexcept
      : metrics_{metrics}, prices_{prices} {}

  // Counts an exchange, or only what was charged. `model` as the ledger has it; empty: none.
  void add_exchange(const core::LedgerEntry& entry, std::string_view model, Ending ending);
  void add_charge(const core::LedgerEntry& entry, std::string_view model);

  void add_denied(int status);
  void add_answer(http::UpstreamId upstream, std::string_view name, int status);

 private:
  struct RequestKey {
    core::Endpoint endpoint;
    Ending ending;
    int status;
    friend bool operator==(const RequestKey&, const RequestKey&) = default;
  };

  // Of one model; each is found when something is first counted in it.
  struct OfModel {
    SeriesCache<RequestKey, Counter> requests;
    std::array<Counter*, 5> tokens = {};
    Counter* cost = nullptr;
    std::string_view label;
  };

  OfModel& of(std::string_view model);
  Counter& requests(OfModel& series, const core::LedgerEntry& entry, Ending ending);
  Histogram& durations(core::Endpoint endpoint, bool is_stream);
  Histogram& first_bytes(bool is_stream);
  void add_charge(const core::LedgerEntry& entry, OfModel& series);
  void add_tokens(const core::Usage& usage, OfModel& series);

  ExchangeMetrics& metrics_;
  const core::PriceBook& prices_;
  SeriesCache<int, Counter> denied_;  // By status.
  SeriesCache<std::pair<core::Endpoint, bool>, Histogram> durations_;
  SeriesCache<bool, Histogram> first_bytes_;
  SeriesCache<std::pair<http::UpstreamId, int>, Counter> answers_;

  std::map<std::string, OfModel, std::less<>> by_label_;
  OfModel* last_ = nullptr;  // Of last_model_, by these prices: most exchanges are like the last.
  std::string last_model_;
  std::shared_ptr<const core::PriceTable> last_prices_;
};

}  // namespace relay::app
