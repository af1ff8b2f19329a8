#include "app/exchange_series.h"

#include <chrono>

#include "base/put.h"
#include "core/words.h"

namespace relay::app {
namespace {

constexpr std::string_view no_model = "none";

// Clients may ask for any model; only those with a price get lines of their own.
std::string_view label_of(std::string_view model, const core::PriceTable& prices) noexcept {
  if (model.empty()) return no_model;
  const std::string_view known = prices.known_id(model);
  return known.empty() ? "other" : known;
}

std::string_view word(bool is_stream) noexcept {
  return is_stream ? "true" : "false";
}

// A label's value without an allocation.
class Code {
 public:
  explicit Code(int status) noexcept {
    put_digits(text_.data(), static_cast<unsigned>(status), static_cast<int>(text_.size()));
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 3> text_;
};

}  // namespace

std::string_view to_string(Ending ending) noexcept {
  switch (ending) {
    case Ending::ok: return "ok";
    case Ending::client_abort: return "client_abort";
    case Ending::upstream_error: return "upstream_error";
    case Ending::relay_error: return "relay_error";
    case Ending::denied: return "denied";
  }
  __builtin_unreachable();
}

void ExchangeSeries::add_exchange(const core::LedgerEntry& entry, std::string_view model,
                                  Ending ending) {
  OfModel& series = of(model);
  requests(series, entry, ending).add();
  durations(entry.endpoint, entry.is_stream).observe(std::chrono::milliseconds{entry.duration_ms});
  if (entry.first_byte_ms != 0) {
    first_bytes(entry.is_stream).observe(std::chrono::milliseconds{entry.first_byte_ms});
  }
  add_charge(entry, series);
}

void ExchangeSeries::add_charge(const core::LedgerEntry& entry, std::string_view model) {
  add_charge(entry, of(model));
}

void ExchangeSeries::add_denied(int status) {
  Counter& denied = denied_.at(status, [&]() -> Counter& {
    return metrics_.requests.with(
        {"other", no_model, Code{status}.view(), to_string(Ending::denied)});
  });
  denied.add();
}

void ExchangeSeries::add_answer(http::UpstreamId upstream, std::string_view name, int status) {
  Counter& answers = answers_.at({upstream, status}, [&]() -> Counter& {
    return metrics_.upstream_requests.with({name, Code{status}.view()});
  });
  answers.add();
}

Counter& ExchangeSeries::requests(OfModel& series, const core::LedgerEntry& entry, Ending ending) {
  return series.requests.at({entry.endpoint, ending, entry.status}, [&]() -> Counter& {
    return metrics_.requests.with(
        {to_string(entry.endpoint), series.label, Code{entry.status}.view(), to_string(ending)});
  });
}

Histogram& ExchangeSeries::durations(core::Endpoint endpoint, bool is_stream) {
  return durations_.at({endpoint, is_stream}, [&]() -> Histogram& {
    return metrics_.durations.with({to_string(endpoint), word(is_stream)});
  });
}

Histogram& ExchangeSeries::first_bytes(bool is_stream) {
  return first_bytes_.at(
      is_stream, [&]() -> Histogram& { return metrics_.first_bytes.with({word(is_stream)}); });
}

void ExchangeSeries::add_charge(const core::LedgerEntry& entry, OfModel& series) {
  add_tokens(entry.usage, series);
  if (entry.usage.is_estimated) metrics_.estimated.add();
  if (entry.is_unpriced) metrics_.unpriced.with({series.label}).add();
  if (entry.cost <= 0) return;
  if (series.cost == nullptr) series.cost = &metrics_.cost.with({series.label});
  series.cost->add(static_cast<std::uint64_t>(entry.cost));
}

void ExchangeSeries::add_tokens(const core::Usage& usage, OfModel& series) {
  static constexpr std::array<std::string_view, 5> types = {"input", "output", "cache_write_5m",
                                                            "cache_write_1h", "cache_read"};
  const std::array counts = {usage.input, usage.output, usage.cache_write_5m, usage.cache_write_1h,
                             usage.cache_read};
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (counts[i] <= 0) continue;
    Counter*& tokens = series.tokens[i];
    if (tokens == nullptr) tokens = &metrics_.tokens.with({series.label, types[i]});
    tokens->add(static_cast<std::uint64_t>(counts[i]));
  }
}

// There are as many labels as models had a price since the start.
ExchangeSeries::OfModel& ExchangeSeries::of(std::string_view model) {
  std::shared_ptr<const core::PriceTable> prices = prices_.snapshot();
  if (last_ != nullptr && last_model_ == model && last_prices_ == prices) return *last_;
  const std::string_view label = label_of(model, *prices);
  auto found = by_label_.find(label);
  if (found == by_label_.end()) found = by_label_.try_emplace(std::string{label}).first;
  found->second.label = found->first;
  last_ = &found->second;
  last_model_ = model;
  last_prices_ = std::move(prices);
  return *last_;
}

}  // namespace relay::app
