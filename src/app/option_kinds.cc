#include "app/option_kinds.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "app/name_rules.h"

namespace relay::app {
namespace {

using std::chrono::milliseconds;

template <typename Kind>
auto refusal(const Kind& kind) {
  return std::unexpected("expected " + kind.what());
}

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return byte > ' ' && byte < 0x7f; });
}

struct Unit {
  std::string_view name;
  std::int64_t size;
};

// From the largest one, so that show() finds the shortest form.
constexpr std::array<Unit, 4> time_units = {Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                            Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array<Unit, 4> byte_units = {Unit{"GiB", 1 << 30}, Unit{"MiB", 1 << 20},
                                            Unit{"KiB", 1 << 10}, Unit{"", 1}};

// Digits and the name of a unit; without one, `plain` is meant.
std::optional<std::int64_t> parse_amount(std::string_view text, std::span<const Unit> units,
                                         std::int64_t plain) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0) return std::nullopt;
  const std::string_view name{end, text.data() + text.size()};
  std::int64_t size = plain;
  if (!name.empty()) {
    const auto unit = std::ranges::find(units, name, &Unit::name);
    if (unit == units.end()) return std::nullopt;
    size = unit->size;
  }
  std::int64_t product = 0;
  if (__builtin_mul_overflow(count, size, &product)) return std::nullopt;
  return product;
}

std::string show_amount(std::int64_t amount, std::span<const Unit> units) {
  const auto unit = std::ranges::find_if(
      units, [&](const Unit& each) { return amount != 0 && amount % each.size == 0; });
  if (unit == units.end()) return "0";
  return fmt::format("{}{}", amount / unit->size, unit->name);
}

}  // namespace

Parsed<std::string> TextKind::parse(std::string_view text) const {
  const bool is_fine = is_valid == nullptr ? is_one_line_text(text) : is_valid(text);
  if (!is_fine) return refusal(*this);
  return std::string{text};
}

Parsed<Secret> SecretKind::parse(std::string_view text) const {
  const bool is_fine = is_valid == nullptr ? is_printable_ascii(text) : is_valid(text);
  if (!is_fine) return refusal(*this);
  return Secret{std::string{text}};
}

Parsed<bool> BooleanKind::parse(std::string_view text) const {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return refusal(*this);
}

std::string DurationKind::what() const {
  return fmt::format("a duration (250ms, 30s, 5m, 1h) from {} to {}", show(least), show(most));
}

Parsed<milliseconds> DurationKind::parse(std::string_view text) const {
  const auto amount = parse_amount(text, time_units, 1'000);
  if (!amount || *amount < least.count() || *amount > most.count()) return refusal(*this);
  return milliseconds{*amount};
}

std::string DurationKind::show(milliseconds value) const {
  return show_amount(value.count(), time_units);
}

Parsed<SyncKind::Value> SyncKind::parse(std::string_view text) const {
  if (text == "each") return Value{};
  const Parsed<milliseconds> parsed = interval.parse(text);
  if (!parsed) return refusal(*this);
  return *parsed;
}

std::string SyncKind::show(Value value) const {
  return value ? interval.show(*value) : "each";
}

std::string BytesKind::what() const {
  return fmt::format("a size (64KiB, 32MiB, 1GiB) from {} to {}", show(least), show(most));
}

Parsed<std::size_t> BytesKind::parse(std::string_view text) const {
  const auto amount = parse_amount(text, byte_units, 1);
  if (!amount) return refusal(*this);
  const auto size = static_cast<std::size_t>(*amount);
  if (size < least || size > most) return refusal(*this);
  return size;
}

std::string BytesKind::show(std::size_t value) const {
  return show_amount(static_cast<std::int64_t>(value), byte_units);
}

Parsed<Url> UrlKind::parse(std::string_view text) const {
  std::optional<Url> url = parse_url(text);
  const bool is_http = url && (url->scheme == "http" || url->scheme == "https");
  if (!is_http || !url->user_info.empty()) return refusal(*this);
  return *std::move(url);
}

Parsed<net::Endpoint> EndpointKind::parse(std::string_view text) const {
  static constexpr std::string_view localhost = "localhost:";
  std::string full{text};
  if (text.starts_with(':')) full = "[::]" + full;
  if (text.starts_with(localhost)) full.replace(0, localhost.size(), "127.0.0.1:");
  const std::optional<net::Endpoint> endpoint = net::parse_endpoint(full);
  if (!endpoint) return refusal(*this);
  return *endpoint;
}

Parsed<TimeZone> TimeZoneKind::parse(std::string_view text) const {
  std::optional<TimeZone> zone = TimeZone::find(text);
  if (!zone) return std::unexpected("expected " + what() + ", by a name that tzdata knows");
  return *std::move(zone);
}

Parsed<AddressRange> AddressRangeKind::parse(std::string_view text) const {
  const std::optional<AddressRange> range = parse_address_range(text);
  if (!range) return refusal(*this);
  if (canonical(*range) != *range) {
    return std::unexpected(
        fmt::format("expected {}, the beginning of the range", to_string(canonical(*range))));
  }
  return *range;
}

Parsed<core::UnpricedPolicy> UnpricedKind::parse(std::string_view text) const {
  constexpr std::string_view as = "as:";
  if (text == "allow") return core::UnpricedPolicy{};
  if (text == "block") return core::UnpricedPolicy{.blocks = true};
  if (text.starts_with(as) && text.size() > as.size()) {
    return core::UnpricedPolicy{.as_model = std::string{text.substr(as.size())}};
  }
  return std::unexpected("expected " + what());
}

std::string UnpricedKind::show(const core::UnpricedPolicy& value) const {
  if (!value.as_model.empty()) return "as:" + value.as_model;
  return value.blocks ? "block" : "allow";
}

}  // namespace relay::app
