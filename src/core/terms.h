#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address_range.h"
#include "base/clock.h"
#include "core/money.h"
#include "core/usage.h"

namespace relay::core {

// Over which time a limit counts. Days, weeks (from Monday) and months are those of the configured
// time zone; five_hours is whatever lies no longer than that ago.
enum class Window : std::uint8_t { total, five_hours, day, week, month };
inline constexpr std::array every_window = {Window::total, Window::five_hours, Window::day,
                                            Window::week, Window::month};

// "total", "5h", "day", "week", "month".
constexpr std::string_view to_string(Window window) noexcept {
  switch (window) {
    case Window::total: return "total";
    case Window::five_hours: return "5h";
    case Window::day: return "day";
    case Window::week: return "week";
    case Window::month: return "month";
  }
  return "total";
}

// One value for each window.
template <class Value>
class PerWindow {
 public:
  [[nodiscard]] Value& operator[](Window window) noexcept {
    return values_[static_cast<std::size_t>(window)];
  }
  [[nodiscard]] const Value& operator[](Window window) const noexcept {
    return values_[static_cast<std::size_t>(window)];
  }
  friend bool operator==(const PerWindow&, const PerWindow&) = default;

 private:
  std::array<Value, every_window.size()> values_ = {};
};

using TokenLimits = PerWindow<std::optional<TokenCount>>;  // None: no limit.
using CostLimits = PerWindow<std::optional<NanoUsd>>;

// What becomes of an exchange whose client leaves: the upstream is cancelled at once, or heard out
// for a while, so that the true usage is known (decision 14).
enum class OnAbort : std::uint8_t { cancel, drain };

// How much is set aside for an exchange before its cost is known (decision 16). `strict` never
// spends more than the limit; `estimate` refuses nobody who would have had enough.
enum class HoldPolicy : std::uint8_t { estimate, strict };

// What a key may do. A key of which only the name is known may do everything.
struct KeyTerms {
  TokenLimits token_limits;
  CostLimits cost_limits;
  std::string tier;                         // Of request rates. Empty: the default one, if any.
  std::optional<std::int64_t> concurrency;  // Exchanges at once.
  std::vector<std::string> models;          // Globs, "claude-haiku-*". Empty: all.
  std::vector<AddressRange> addresses;      // Of clients. Empty: all.
  std::vector<std::string> domains;         // Of web pages, "example.com", "*.example.com".
  std::optional<WallTime> expires_at;
  std::optional<std::int64_t> days_from_first_use;  // Expires that long after it was first used.
  std::optional<OnAbort> on_abort;                  // None: as the relay is configured.
  HoldPolicy hold = HoldPolicy::estimate;

  friend bool operator==(const KeyTerms&, const KeyTerms&) = default;
};

}  // namespace relay::core
