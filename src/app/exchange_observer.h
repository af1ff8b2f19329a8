#pragma once

#include "app/exchange_metrics.h"
#include "app/exchange_series.h"
#include "core/price_table.h"
#include "exchange/observer.h"
#include "exchange/settings.h"

namespace relay::app {

// Hears of every exchange of one loop: counts it and writes its line of the access log. Belongs to
// that loop.
class ExchangeObserver final : public exchange::Observer {
 public:
  ExchangeObserver(ExchangeMetrics& metrics, const exchange::Settings& settings,
                   const core::PriceBook& prices);

  void began() noexcept override;
  // What no exchange has settled: core::is_charged_when_stored().
  void charged(const core::LedgerEntry& entry);
  void settled(const core::LedgerEntry& entry, const Error* error) noexcept override;
  void refused(const http::ClientStream& client, const core::RequestId& request,
               const Error& error) noexcept override;
  void retried(http::UpstreamId upstream, std::string_view reason) noexcept override;
  void answered(http::UpstreamId upstream, int status) noexcept override;

 private:
  ExchangeMetrics& metrics_;
  const exchange::Settings& settings_;
  ExchangeSeries series_;
};

}  // namespace relay::app
