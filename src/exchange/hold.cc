#include "exchange/hold.h"

#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "claude/input_estimate.h"
#include "claude/model_family.h"

namespace relay::exchange {
namespace {

using core::TokenCount;

constexpr double margin = 1.1;
constexpr TokenCount token_bytes = 4;

struct Tokens {
  TokenCount input = 0;
  TokenCount output = 0;
  TokenCount input_estimate = 0;
};

// What is compressed cannot be looked into here; its size is known.
TokenCount estimate_of(const Request& request) {
  const bool is_plain = request.body.size() == request.peek.body_bytes;
  if (is_plain) return claude::estimate_input(request.body);
  return static_cast<TokenCount>(request.peek.body_bytes) / token_bytes;
}

TokenCount output_max(const Request& request) {
  return request.peek.max_tokens.value_or(limits::output_tokens_assumed);
}

Tokens strict_tokens(const Request& request) {
  return {.input = static_cast<TokenCount>(request.peek.body_bytes), .output = output_max(request)};
}

Tokens likely_tokens(const KeyEntry& key, const Request& request,
                     const InputCalibration& calibration) {
  const TokenCount estimate = estimate_of(request);
  const double factor = calibration.factor(claude::family_of(request.peek.model)) * margin;
  const TokenCount usual = key.allowance->output_p95();
  return {.input = std::llround(static_cast<double>(estimate) * factor),
          .output = std::min(output_max(request), std::max(limits::output_hold_tokens_min, usual)),
          .input_estimate = estimate};
}

// A question is charged at the rate of what it is: the dearest, where nothing may be spent beyond
// the limit. Which that is depends upon the model.
core::NanoUsd cost_of(const Tokens& tokens, const KeyEntry& key, const core::PriceQuote& quote,
                      bool is_fast) {
  core::ServiceTerms terms{.is_fast = is_fast};
  const auto cost_as = [&](TokenCount core::Usage::*kind) {
    core::Usage usage{.output = tokens.output};
    usage.*kind = tokens.input;
    return quote.charge(usage, terms).cost;
  };
  if (key.terms.hold != core::HoldPolicy::strict) return cost_as(&core::Usage::input);
  terms.geo = core::InferenceGeo::us;
  return std::max({cost_as(&core::Usage::input), cost_as(&core::Usage::cache_write_5m),
                   cost_as(&core::Usage::cache_write_1h), cost_as(&core::Usage::cache_read)});
}

// The beta without which the upstream does not take speed: fast. It may be in any of several lines.
bool may_be_fast(const http::RequestHead& head) {
  if (!head.fields.find("anthropic-beta")) return false;
  for (const http::FieldView field : head.fields) {
    const bool names_betas = field.name == "anthropic-beta";
    if (names_betas && field.value.find("fast-mode") != std::string_view::npos) return true;
  }
  return false;
}

Error without_price(std::string_view model) {
  return {.code = ErrorCode::forbidden,
          .origin = Origin::client,
          .message = "This API key has a limit in dollars, and the relay knows no price for " +
                     std::string{model.empty() ? "a request without a model" : model} +
                     ". Choose another model, or ask the operator to set a price for it.",
          .detail = "denied: no price",
          .reason = "model"};
}

}  // namespace

Result<core::Hold> hold_for(const KeyEntry& key, const Request& request,
                            const http::RequestHead& head, const InputCalibration& calibration,
                            const core::PriceTable& prices, WallTime now) {
  if (key.allowance == nullptr || !key.allowed.counts_tokens) return core::Hold{};
  // What it costs is not known before it is over, if then; who has nothing left begins nothing.
  if (request.call.runs_unseen_models) return core::Hold{.tokens = 1, .cost = 1};
  if (!request.call.is_metered) return core::Hold{};

  // At least one of each: with nothing left, not even what costs nothing is begun.
  const Tokens tokens = key.terms.hold == core::HoldPolicy::strict
                            ? strict_tokens(request)
                            : likely_tokens(key, request, calibration);
  core::Hold hold{.tokens = std::max<TokenCount>(tokens.input + tokens.output, 1),
                  .input_estimate = tokens.input_estimate};
  if (!key.allowed.counts_cost) return hold;
  const core::PriceQuote quote = prices.quote(request.peek.model, now);
  if (!quote.is_known() && prices.unpriced().blocks) {
    return std::unexpected(without_price(request.peek.model));
  }
  hold.cost = std::max<core::NanoUsd>(cost_of(tokens, key, quote, may_be_fast(head)), 1);
  return hold;
}

}  // namespace relay::exchange
