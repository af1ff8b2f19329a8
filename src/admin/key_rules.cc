#include "admin/key_rules.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/utf8.h"

namespace relay::admin {
namespace {

constexpr std::size_t label_bytes_max = 63;  // RFC 1035 section 2.3.4.
constexpr int port_max = 65'535;

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char32_t value) noexcept {
  return value < 0x20 || (value >= 0x7f && value < 0xa0);
}

bool is_label(std::string_view label) noexcept {
  const auto is_sound = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, is_sound);
}

bool is_host(std::string_view host) noexcept {
  while (true) {
    const std::string_view label = host.substr(0, host.find('.'));
    if (!is_label(label)) return false;
    if (label.size() == host.size()) return true;
    host.remove_prefix(label.size() + 1);
  }
}

bool is_port(std::string_view text) noexcept {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  return is_number && text.front() != '0' && port > 0 && port <= port_max;
}

}  // namespace

std::optional<std::string> parse_tag(std::string_view text) {
  if (text.empty() || count_code_points(text) > limits::key_tag_characters_max) return std::nullopt;
  if (text.front() == ' ' || text.back() == ' ') return std::nullopt;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    if (point.bytes == 0 || is_control(point.value)) return std::nullopt;
    rest.remove_prefix(point.bytes);
  }
  return std::string{text};
}

std::optional<std::string> parse_model_glob(std::string_view text) {
  const auto is_sound = [](char c) { return c > ' ' && c < 0x7f && c != ',' && c != '"'; };
  if (text.empty() || text.size() > limits::model_bytes_max) return std::nullopt;
  if (!std::ranges::all_of(text, is_sound)) return std::nullopt;
  return std::string{text};
}

std::optional<AddressRange> parse_client_range(std::string_view text) {
  const std::optional<AddressRange> range = parse_address_range(text);
  return range ? std::optional{canonical(*range)} : std::nullopt;
}

std::optional<std::string> parse_domain(std::string_view text) {
  if (text.size() > limits::key_domain_bytes_max) return std::nullopt;
  std::string_view host = text;
  if (host.starts_with("*.")) host.remove_prefix(2);
  const std::size_t colon = host.find(':');
  if (colon != host.npos && (colon + 1 == host.size() || !is_port(host.substr(colon + 1)))) {
    return std::nullopt;
  }
  if (!is_host(host.substr(0, colon))) return std::nullopt;
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

bool is_tier_name(std::string_view text) noexcept {
  const auto is_sound = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= limits::tier_name_bytes_max &&
         std::ranges::all_of(text, is_sound);
}

}  // namespace relay::admin
