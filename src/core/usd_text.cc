#include "core/usd_text.h"

#include <algorithm>
#include <charconv>

namespace relay::core {
namespace {

constexpr std::size_t chars_max = 64;
constexpr int decimals = 9;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) noexcept {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char c) noexcept {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// The parts of a number as RFC 8259 section 6 writes it.
struct Number {
  bool is_negative = false;
  std::string digits;  // Before and after the point.
  int exponent = 0;    // Of ten, by which `digits` is multiplied.
};

std::optional<int> take_exponent(std::string_view& text) noexcept {
  const bool has_exponent = take(text, 'e') || take(text, 'E');
  if (!has_exponent) return 0;
  const bool is_negative = take(text, '-');
  if (!is_negative) take(text, '+');
  const std::string_view digits = take_digits(text);
  int exponent = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), exponent);
  if (digits.empty() || error != std::errc{} || exponent > 1'000) return std::nullopt;
  return is_negative ? -exponent : exponent;
}

std::optional<Number> parse_number(std::string_view text) {
  if (text.size() > chars_max) return std::nullopt;
  Number number{.is_negative = take(text, '-')};
  const std::string_view whole = take_digits(text);
  const bool has_idle_zero = whole.size() > 1 && whole.front() == '0';
  if (whole.empty() || has_idle_zero) return std::nullopt;
  number.digits = whole;
  if (take(text, '.')) {
    const std::string_view fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
    number.digits += fraction;
    number.exponent = -static_cast<int>(fraction.size());
  }
  const std::optional<int> exponent = take_exponent(text);
  if (!exponent || !text.empty()) return std::nullopt;
  number.exponent += *exponent;
  return number;
}

}  // namespace

std::optional<NanoUsd> parse_usd(std::string_view text) {
  std::optional<Number> number = parse_number(text);
  if (!number) return std::nullopt;
  std::string& digits = number->digits;
  while (digits.ends_with('0')) {
    digits.pop_back();
    ++number->exponent;
  }
  if (digits.empty()) return 0;
  const int zeros = number->exponent + decimals;
  if (zeros < 0 || zeros > 18) return std::nullopt;
  digits.append(static_cast<std::size_t>(zeros), '0');
  digits.erase(0, digits.find_first_not_of('0'));
  if (number->is_negative) digits.insert(0, 1, '-');
  NanoUsd sum = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), sum);
  if (error != std::errc{}) return std::nullopt;
  return sum;
}

std::string usd_text(NanoUsd sum) {
  std::string digits = std::to_string(sum);
  const std::size_t sign = sum < 0 ? 1 : 0;
  const std::size_t least = sign + decimals + 1;
  if (digits.size() < least) digits.insert(sign, least - digits.size(), '0');
  digits.insert(digits.size() - decimals, 1, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

}  // namespace relay::core
