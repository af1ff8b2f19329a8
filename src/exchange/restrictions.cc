#include "exchange/restrictions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/rfc3339.h"
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

Result<void> check_model(const KeyEntry& key, const Request& request) {
  if (key.terms.models.empty()) return {};
  const claude::ApiCall& call = request.call;
  const std::string only = "This API key is for " + listed(key.terms.models) + " only";
  if (call.runs_unseen_models) {
    return denied(ErrorCode::forbidden, "model",
                  only +
                      ", and the relay does not see which models this request is for. Ask for "
                      "them one by one at /v1/messages.");
  }
  if (!call.is_peeked) return {};
  const std::string_view model = request.peek.model;
  const auto is_it = [&](const std::string& glob) { return core::glob_matches(glob, model); };
  if (std::ranges::any_of(key.terms.models, is_it)) return {};
  const std::string asked =
      model.empty() ? "this request names no model" : "not for " + std::string{model};
  return denied(ErrorCode::forbidden, "model",
                only + ", " + asked + ". Choose one of those, or ask whoever gave it to you.");
}

}  // namespace relay::exchange
