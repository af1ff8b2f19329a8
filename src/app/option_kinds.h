#pragma once

#include <fmt/core.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/url.h"
#include "base/address_range.h"
#include "base/secret.h"
#include "base/time_zone.h"
#include "core/price_table.h"
#include "net/endpoint.h"

// How values are written in a file, an environment variable or a flag. Each kind has its Value,
// what() says what it takes, parse() reads it or says what was expected, show() writes it so that
// parse() takes it back.
namespace relay::app {

template <typename T>
using Parsed = std::expected<T, std::string>;  // The error ends "expected ...".

struct TextKind {
  using Value = std::string;
  bool (*is_valid)(std::string_view) = nullptr;  // Null: any text of one line.
  std::string_view expected = "text";

  [[nodiscard]] std::string what() const { return std::string{expected}; }
  [[nodiscard]] Parsed<std::string> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const std::string& value) const { return value; }
};

struct SecretKind {
  using Value = Secret;
  bool (*is_valid)(std::string_view) = nullptr;
  std::string_view expected = "printable ASCII without spaces";

  [[nodiscard]] std::string what() const { return std::string{expected}; }
  [[nodiscard]] Parsed<Secret> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const Secret& value) const { return fmt::format("{}", value); }
};

struct BooleanKind {
  using Value = bool;
  [[nodiscard]] std::string what() const { return "true or false"; }
  [[nodiscard]] Parsed<bool> parse(std::string_view text) const;
  [[nodiscard]] std::string show(bool value) const { return value ? "true" : "false"; }
};

template <std::integral T>
struct IntegerKind {
  using Value = T;
  T least;
  T most;

  [[nodiscard]] std::string what() const {
    return fmt::format("a whole number from {} to {}", least, most);
  }
  [[nodiscard]] Parsed<T> parse(std::string_view text) const {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    if (!is_whole || value < least || value > most) return std::unexpected("expected " + what());
    return value;
  }
  [[nodiscard]] std::string show(T value) const { return fmt::format("{}", value); }
};

// "90" (seconds), "250ms", "30s", "5m", "1h".
struct DurationKind {
  using Value = std::chrono::milliseconds;
  Value least;
  Value most;

  [[nodiscard]] std::string what() const;
  [[nodiscard]] Parsed<Value> parse(std::string_view text) const;
  [[nodiscard]] std::string show(Value value) const;
};

// "each", which is none, or a duration.
struct SyncKind {
  using Value = std::optional<std::chrono::milliseconds>;
  DurationKind interval;

  [[nodiscard]] std::string what() const { return "each | " + interval.what(); }
  [[nodiscard]] Parsed<Value> parse(std::string_view text) const;
  [[nodiscard]] std::string show(Value value) const;
};

// "65536", "64KiB", "32MiB", "1GiB".
struct BytesKind {
  using Value = std::size_t;
  Value least;
  Value most;

  [[nodiscard]] std::string what() const;
  [[nodiscard]] Parsed<Value> parse(std::string_view text) const;
  [[nodiscard]] std::string show(Value value) const;
};

template <typename Enum>
struct ChoiceKind {
  using Value = Enum;
  struct Name {
    std::string_view name;
    Enum value;
  };
  std::vector<Name> names;

  [[nodiscard]] std::string what() const {
    std::string all;
    for (const Name& each : names) all.append(all.empty() ? "" : " | ").append(each.name);
    return all;
  }
  [[nodiscard]] Parsed<Enum> parse(std::string_view text) const {
    for (const Name& each : names) {
      if (each.name == text) return each.value;
    }
    return std::unexpected("expected " + what());
  }
  [[nodiscard]] std::string show(Enum value) const {
    for (const Name& each : names) {
      if (each.value == value) return std::string{each.name};
    }
    return {};
  }
};

struct UrlKind {
  using Value = Url;
  [[nodiscard]] std::string what() const { return "an http or https URL"; }
  [[nodiscard]] Parsed<Url> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const Url& url) const { return url.to_string(); }
};

// "127.0.0.1:8000", "[::1]:8000", "localhost:8000", ":8000" (all addresses).
struct EndpointKind {
  using Value = net::Endpoint;
  [[nodiscard]] std::string what() const { return "ADDRESS:PORT"; }
  [[nodiscard]] Parsed<net::Endpoint> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const net::Endpoint& value) const { return to_string(value); }
};

// "allow", "block", "as:claude-opus-5-5".
struct UnpricedKind {
  using Value = core::UnpricedPolicy;
  [[nodiscard]] std::string what() const { return "allow | block | as:MODEL"; }
  [[nodiscard]] Parsed<Value> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const Value& value) const;
};

// "UTC", "Asia/Shanghai".
struct TimeZoneKind {
  using Value = TimeZone;
  [[nodiscard]] std::string what() const { return "a time zone like Asia/Shanghai"; }
  [[nodiscard]] Parsed<TimeZone> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const TimeZone& zone) const { return std::string{zone.name()}; }
};

// "10.0.0.0/8", "::1".
struct AddressRangeKind {
  using Value = AddressRange;
  [[nodiscard]] std::string what() const { return "an address or ADDRESS/BITS"; }
  [[nodiscard]] Parsed<AddressRange> parse(std::string_view text) const;
  [[nodiscard]] std::string show(const AddressRange& value) const { return to_string(value); }
};

}  // namespace relay::app
