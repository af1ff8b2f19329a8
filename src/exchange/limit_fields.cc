#include "exchange/limit_fields.h"

#include <optional>
#include <string>

#include "base/rfc3339.h"
#include "core/allowance_view.h"

namespace relay::exchange {
namespace {

struct Standing {
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::optional<WallTime> reset;  // None: never.
};

std::optional<Standing> standing(const core::RateView& rate) {
  if (!rate.rate.is_limited()) return std::nullopt;
  return Standing{rate.rate.count, rate.remaining, rate.reset};
}

std::optional<Standing> standing(const core::WindowView& window) {
  if (!window.limit) return std::nullopt;
  return Standing{*window.limit, window.remaining(), window.reset};
}

std::optional<Standing> nearest_to_its_end(const core::AllowanceView& view) {
  std::optional<Standing> nearest = standing(view.tokens_per_minute);
  for (const core::Window window : core::every_window) {
    const std::optional<Standing> other = standing(view.tokens[window]);
    if (other && (!nearest || other->remaining < nearest->remaining)) nearest = other;
  }
  return nearest;
}

void add(std::string_view what, const std::optional<Standing>& standing, http::ResponseHead& head) {
  if (!standing) return;
  const std::string name = "anthropic-ratelimit-" + std::string{what};
  http::add_field(head, name + "-limit", std::to_string(standing->limit));
  http::add_field(head, name + "-remaining", std::to_string(standing->remaining));
  if (standing->reset) http::add_field(head, name + "-reset", to_rfc3339(*standing->reset));
}

}  // namespace

void add_limit_fields(const KeyEntry& key, const TimeZone& zone, const Clock& clock,
                      http::ResponseHead& head) {
  if (key.allowance == nullptr) return;
  const core::AllowanceView view = core::view_of(*key.allowance, key.allowed, zone, clock);
  add("requests", standing(view.requests), head);
  add("tokens", nearest_to_its_end(view), head);
}

}  // namespace relay::exchange
