#include "app/exchange_observer.h"

#include "base/log.h"
#include "claude/error_body.h"
#include "core/words.h"

namespace relay::app {
namespace {

using core::Delivery;

Ending ending_of(const core::LedgerEntry& entry, const Error* error) noexcept {
  switch (entry.delivery) {
    case Delivery::complete: return Ending::ok;
    case Delivery::client_gone: return Ending::client_abort;
    case Delivery::upstream_failed: return Ending::upstream_error;
    case Delivery::abandoned: return Ending::relay_error;
    case Delivery::refused:
    case Delivery::adjusted: break;
  }
  if (error != nullptr && error->origin == Origin::relay) return Ending::relay_error;
  return error == nullptr && entry.status == 0 ? Ending::client_abort : Ending::upstream_error;
}

std::string_view reason_of(const Error& error) noexcept {
  if (!error.reason.empty()) return error.reason;
  switch (error.code) {
    case ErrorCode::unauthenticated: return "bad_key";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::rate_limited: return "rate";
    case ErrorCode::limit_exhausted: return "quota";
    case ErrorCode::overloaded:
    case ErrorCode::store_unavailable:
    case ErrorCode::internal: return "relay";
    default: return "request";
  }
}

std::string_view model_of(const core::LedgerEntry& entry) noexcept {
  return entry.served_model.empty() ? entry.model.view() : entry.served_model.view();
}

}  // namespace

ExchangeObserver::ExchangeObserver(ExchangeMetrics& metrics, const exchange::Settings& settings,
                                   const core::PriceBook& prices)
    : metrics_{metrics}, settings_{settings}, series_{metrics, prices} {
}

void ExchangeObserver::began() noexcept {
  metrics_.in_flight.add(1);
}

void ExchangeObserver::settled(const core::LedgerEntry& entry, const Error* error) noexcept {
  metrics_.in_flight.add(-1);
  const Ending ending = ending_of(entry, error);
  const std::string_view model = model_of(entry);
  series_.add_exchange(entry, model, ending);
  log_access({{"request_id", entry.request.view()},
              {"key_id", static_cast<std::int64_t>(entry.key)},
              {"endpoint", to_string(entry.endpoint)},
              {"model", model.empty() ? "none" : model},
              {"status", static_cast<std::int64_t>(entry.status)},
              {"outcome", to_string(ending)},
              {"stream", entry.is_stream},
              {"ttft_ms", static_cast<std::int64_t>(entry.first_byte_ms)},
              {"dur_ms", static_cast<std::int64_t>(entry.duration_ms)},
              {"attempts", static_cast<std::int64_t>(entry.attempts)},
              {"upstream", entry.upstream.view()},
              {"upstream_request_id", entry.upstream_request.view()},
              {"input_tokens", entry.usage.input},
              {"output_tokens", entry.usage.output},
              {"cache_write_tokens", entry.usage.cache_write()},
              {"cache_read_tokens", entry.usage.cache_read},
              {"estimated", entry.usage.is_estimated},
              {"cost_nano_usd", entry.cost},
              {"client", to_string(entry.client)},
              {"detail", error == nullptr ? std::string_view{} : std::string_view{error->detail}}});
}

void ExchangeObserver::charged(const core::LedgerEntry& entry) {
  series_.add_charge(entry, model_of(entry));
}

void ExchangeObserver::refused(const http::ClientStream& client, const core::RequestId& request,
                               const Error& error) noexcept {
  const int status = claude::http_status(error.code);
  metrics_.denied.with({reason_of(error)}).add();
  series_.add_denied(status);
  log_access({{"request_id", request.view()},
              {"method", http::to_string(client.head().method)},
              {"path", client.head().path()},
              {"status", static_cast<std::int64_t>(status)},
              {"outcome", to_string(Ending::denied)},
              {"client", to_string(client.peer())},
              {"detail", std::string_view{error.detail}}});
}

void ExchangeObserver::retried(http::UpstreamId upstream, std::string_view reason) noexcept {
  const std::string& name = settings_.upstreams[static_cast<std::size_t>(upstream)].name;
  metrics_.upstream_retries.with({name, reason}).add();
}

void ExchangeObserver::answered(http::UpstreamId upstream, int status) noexcept {
  const std::string& name = settings_.upstreams[static_cast<std::size_t>(upstream)].name;
  series_.add_answer(upstream, name, status);
}

}  // namespace relay::app
