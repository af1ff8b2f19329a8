#include "exchange/restrictions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rfc3339.h"
#include "claude/advisor_tools.h"
#include "core/glob.h"
#include "core/key_status.h"
#include "exchange/web_origin.h"

namespace relay::exchange {
namespace {

Error denial(ErrorCode code, std::string_view reason, std::string message) {
  return {.code = code,
          .origin = Origin::client,
          .message = std::move(message),
          .detail = "denied: " + std::string{reason},
          .reason = reason};
}

std::unexpected<Error> denied(ErrorCode code, std::string_view reason, std::string message) {
  return std::unexpected(denial(code, reason, std::move(message)));
}

std::string name_of(const Address& client) {
  return client.is_known() ? to_string(client) : "an address that nobody knows";
}

std::string listed(const std::vector<std::string>& values) {
  return fmt::format("{}", fmt::join(values, ", "));
}

bool is_allowed_address(const KeyEntry& key, const Address& client) {
  return key.terms.addresses.empty() || contains(key.terms.addresses, client);
}

bool is_allowed_page(const KeyEntry& key, const http::RequestHead& head) {
  if (key.terms.domains.empty()) return true;
  const std::optional<WebOrigin> origin = web_origin_of(head.fields);
  return origin && std::ranges::any_of(key.terms.domains, [&](const std::string& pattern) {
           return matches_domain(*origin, pattern);
         });
}

bool is_allowed_model(const KeyEntry& key, std::string_view model) {
  return std::ranges::any_of(key.terms.models, [model](const std::string& glob) {
    return core::glob_matches(glob, model);
  });
}

std::unexpected<Error> denied_model(const KeyEntry& key, std::string_view asked) {
  return denied(ErrorCode::forbidden, "model",
                fmt::format("This API key is for {} only, {}", listed(key.terms.models), asked));
}

// An advisor's model is asked by the upstream, and not by way of us.
Result<void> check_advisors(const KeyEntry& key, const http::RequestHead& head,
                            const Request& request) {
  const Result<std::vector<std::string>> models = claude::advisor_models(
      head.fields.find("content-encoding").value_or("identity"), request.body);
  if (!models) return std::unexpected(models.error());
  const auto is_denied = [&key](const std::string& model) { return !is_allowed_model(key, model); };
  const auto other = std::ranges::find_if(*models, is_denied);
  if (other == models->end()) return {};
  const std::string asked = other->empty() ? "this request names an advisor without a model"
                                           : "not for " + *other + " as an advisor";
  return denied_model(key, asked + ". Choose one of those, or ask whoever gave it to you.");
}

}  // namespace

Error disabled_key() {
  return denial(ErrorCode::unauthenticated, "disabled",
                "This API key is disabled. Ask whoever gave it to you to enable it.");
}

Result<void> check_access(const KeyEntry& key, const http::RequestHead& head, const Address& client,
                          WallTime now) {
  if (!key.is_active) return std::unexpected(disabled_key());
  const auto first_used = key.allowance == nullptr ? std::nullopt : key.allowance->first_used();
  const std::optional<WallTime> expiry = core::expiry_of(key.terms, first_used);
  if (expiry && *expiry <= now) {
    return denied(ErrorCode::unauthenticated, "expired",
                  "This API key expired at " + to_rfc3339(*expiry) +
                      ". Ask whoever gave it to you for a new one.");
  }
  if (!is_allowed_address(key, client)) {
    return denied(ErrorCode::forbidden, "ip",
                  "This API key may not be used from " + name_of(client) +
                      ". Use it from one of its networks, or ask whoever gave it to you to add "
                      "this address.");
  }
  if (!is_allowed_page(key, head)) {
    return denied(ErrorCode::forbidden, "domain",
                  "This API key is for web pages of " + listed(key.terms.domains) +
                      " only, and this request does not say that it comes from one: its Origin, or "
                      "its Referer, decides.");
  }
  return {};
}

Result<void> check_model(const KeyEntry& key, const http::RequestHead& head,
                         const Request& request) {
  if (key.terms.models.empty()) return {};
  const claude::ApiCall& call = request.call;
  if (call.runs_unseen_models) {
    return denied_model(key,
                        "and the relay does not see which models this request is for. Ask for "
                        "them one by one at /v1/messages.");
  }
  if (!call.is_peeked) return {};
  const std::string_view model = request.peek.model;
  if (is_allowed_model(key, model)) return check_advisors(key, head, request);
  const std::string asked =
      model.empty() ? "this request names no model" : "not for " + std::string{model};
  return denied_model(key, asked + ". Choose one of those, or ask whoever gave it to you.");
}

}  // namespace relay::exchange
