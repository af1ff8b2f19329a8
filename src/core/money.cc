#include "core/money.h"

#include <charconv>
#include <limits>

namespace relay::core {
namespace {

constexpr std::size_t places_max = 9;

bool are_digits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// Requires digits. None: too large.
std::optional<std::uint64_t> number_of(std::string_view digits) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{}) return {};
  return number;
}

std::uint64_t nano_of(std::string_view places) noexcept {
  std::uint64_t nano = 0;
  for (std::size_t i = 0; i < places_max; ++i) {
    nano = 10 * nano + (i < places.size() ? static_cast<std::uint64_t>(places[i] - '0') : 0);
  }
  return nano;
}

}  // namespace

std::optional<NanoUsd> parse_usd(std::string_view text) noexcept {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view places = point == text.npos ? "0" : text.substr(point + 1);
  if (!are_digits(whole) || !are_digits(places) || places.size() > places_max) return {};

  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<NanoUsd>::max());
  const std::optional<std::uint64_t> dollars = number_of(whole);
  if (!dollars || *dollars > largest / nano_usd_per_usd) return {};
  const std::uint64_t amount = *dollars * nano_usd_per_usd + nano_of(places);
  if (amount > largest) return {};
  return is_negative ? -static_cast<NanoUsd>(amount) : static_cast<NanoUsd>(amount);
}

std::string to_usd(NanoUsd amount) {
  const auto bits = static_cast<std::uint64_t>(amount);
  const std::uint64_t size = amount < 0 ? 0 - bits : bits;
  std::string text = amount < 0 ? "-" : "";
  text += std::to_string(size / nano_usd_per_usd);
  std::string places = std::to_string(size % nano_usd_per_usd);
  places.insert(0, places_max - places.size(), '0');
  places.erase(places.find_last_not_of('0') + 1);
  return places.empty() ? text : text + "." + places;
}

}  // namespace relay::core
