#include "app/exchange_observer.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "base/log.h"
#include "claude/error_body.h"
#include "core/words.h"

namespace relay::app {
namespace {

using core::Delivery;

std::string_view outcome_of(const core::LedgerEntry& entry, const Error* error) noexcept {
  switch (entry.delivery) {
    case Delivery::complete: return "ok";
    case Delivery::client_gone: return "client_abort";
    case Delivery::upstream_failed: return "upstream_error";
    case Delivery::abandoned: return "relay_error";
    case Delivery::refused:
    case Delivery::adjusted: break;
  }
  if (error != nullptr && error->origin == Origin::relay) return "relay_error";
  return error == nullptr && entry.status == 0 ? "client_abort" : "upstream_error";
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

// A label's value without an allocation.
struct Code {
  explicit Code(int status) noexcept {
    fmt::format_to_n(text.data(), text.size(), "{:03}", status);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text.data(), text.size()}; }
  std::array<char, 3> text = {};
};

constexpr std::string_view no_model = "none";

std::string_view model_of(const core::LedgerEntry& entry) noexcept {
  const auto& model = entry.served_model.empty() ? entry.model : entry.served_model;
  return model.empty() ? no_model : model.view();
}

// Clients may ask for any model; only those with a price get lines of their own.
std::string_view label_of(std::string_view model, const core::PriceTable& prices) noexcept {
  if (model == no_model) return model;
  const std::string_view known = prices.known_id(model);
  return known.empty() ? "other" : known;
}

}  // namespace

ExchangeObserver::ExchangeObserver(ExchangeMetrics& metrics, const exchange::Settings& settings,
                                   const core::PriceBook& prices)
    : metrics_{metrics},
      settings_{settings},
      prices_{prices},
      requests_{metrics.requests},
      tokens_{metrics.tokens},
      cost_{metrics.cost},
      upstream_requests_{metrics.upstream_requests} {
}

void ExchangeObserver::began() noexcept {
  metrics_.in_flight.add(1);
}

void ExchangeObserver::settled(const core::LedgerEntry& entry, const Error* error) noexcept {
  metrics_.in_flight.add(-1);
  count(entry, error);
  log_access({{"request_id", entry.request.view()},
              {"key_id", static_cast<std::int64_t>(entry.key)},
              {"endpoint", to_string(entry.endpoint)},
              {"model", model_of(entry)},
              {"status", static_cast<std::int64_t>(entry.status)},
              {"outcome", outcome_of(entry, error)},
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

void ExchangeObserver::count(const core::LedgerEntry& entry, const Error* error) {
  const std::string_view stream = entry.is_stream ? "true" : "false";
  const auto prices = prices_.snapshot();
  const std::string_view model = label_of(model_of(entry), *prices);
  const Code code{entry.status};
  requests_.with({to_string(entry.endpoint), model, code.view(), outcome_of(entry, error)}).add();
  metrics_.durations.with({to_string(entry.endpoint), stream})
      .observe(std::chrono::milliseconds{entry.duration_ms});
  if (entry.first_byte_ms != 0) {
    metrics_.first_bytes.with({stream}).observe(std::chrono::milliseconds{entry.first_byte_ms});
  }
  count_tokens(model, entry.usage);
  count_cost(model, entry);
}

void ExchangeObserver::charged(const core::LedgerEntry& result) {
  const auto prices = prices_.snapshot();
  const std::string_view model = label_of(model_of(result), *prices);
  count_tokens(model, result.usage);
  count_cost(model, result);
}

void ExchangeObserver::count_cost(std::string_view model, const core::LedgerEntry& entry) {
  if (entry.cost > 0) cost_.with({model}).add(static_cast<std::uint64_t>(entry.cost));
  if (entry.is_unpriced) metrics_.unpriced.with({model}).add();
}

void ExchangeObserver::count_tokens(std::string_view model, const core::Usage& usage) {
  const auto count = [&](std::string_view type, core::TokenCount tokens) {
    if (tokens > 0) tokens_.with({model, type}).add(static_cast<std::uint64_t>(tokens));
  };
  count("input", usage.input);
  count("output", usage.output);
  count("cache_write_5m", usage.cache_write_5m);
  count("cache_write_1h", usage.cache_write_1h);
  count("cache_read", usage.cache_read);
  if (usage.is_estimated) metrics_.estimated.add();
}

void ExchangeObserver::refused(const http::ClientStream& client, const core::RequestId& request,
                               const Error& error) noexcept {
  const int status = claude::http_status(error.code);
  metrics_.denied.with({reason_of(error)}).add();
  requests_.with({"other", "none", Code{status}.view(), "denied"}).add();
  log_access({{"request_id", request.view()},
              {"method", http::to_string(client.head().method)},
              {"path", client.head().path()},
              {"status", static_cast<std::int64_t>(status)},
              {"outcome", "denied"},
              {"client", to_string(client.peer())},
              {"detail", std::string_view{error.detail}}});
}

void ExchangeObserver::retried(http::UpstreamId upstream, std::string_view reason) noexcept {
  const std::string& name = settings_.upstreams[static_cast<std::size_t>(upstream)].name;
  metrics_.upstream_retries.with({name, reason}).add();
}

void ExchangeObserver::answered(http::UpstreamId upstream, int status) noexcept {
  const std::string& name = settings_.upstreams[static_cast<std::size_t>(upstream)].name;
  upstream_requests_.with({name, Code{status}.view()}).add();
}

}  // namespace relay::app
