#pragma once

#include <vector>

#include "admin/call.h"
#include "base/address_range.h"
#include "base/metrics.h"
#include "base/secret.h"

namespace relay::app {

// GET /metrics: for this machine and the networks the operator lists, and for who shows the token.
// Thread-safe.
class MetricsPage {
 public:
  MetricsPage(Metrics& metrics, std::vector<AddressRange> allowed, Secret token)
      : metrics_{metrics}, allowed_{std::move(allowed)}, token_{std::move(token)} {}

  // forbidden: neither from an allowed network nor with the token.
  Result<admin::Reply> answer(const http::RequestHead& head, const Address& peer);

 private:
  [[nodiscard]] bool is_allowed(const http::RequestHead& head, const Address& peer) const;

  Metrics& metrics_;
  const std::vector<AddressRange> allowed_;
  const Secret token_;
};

}  // namespace relay::app
