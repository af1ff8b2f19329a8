#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/characters.h"

namespace relay::http {

// Of texts of one length, without regard to the case of ASCII letters.
[[nodiscard]] bool same_letters(std::string_view a, std::string_view b) noexcept;

// Without regard to the case of ASCII letters. Most names differ in length, or in their first byte.
[[nodiscard]] inline bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  return a.empty() || (((a.front() ^ b.front()) & ~0x20) == 0 && same_letters(a, b));
}

// A field name that the relay has something to say about: its place in known_field_names. A name is
// looked up once, when its message is parsed; from then on it is a number.
enum class FieldId : std::uint8_t { other = 0xff };

inline constexpr auto known_field_names = std::to_array<std::string_view>(
    {// They frame a message.
     "connection", "content-encoding", "content-length", "content-type", "expect", "host",
     "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
     // They say who sends it.
     "api-key", "authorization", "cookie", "cookie2", "origin", "proxy-authorization", "referer",
     "user-agent", "x-api-key", "x-app",
     // From where.
     "client-ip", "fastly-client-ip", "forwarded", "true-client-ip", "via", "x-client-ip",
     "x-cluster-client-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-host",
     "x-real-ip",
     // What is asked for.
     "accept", "accept-encoding", "accept-language", "anthropic-beta",
     "anthropic-dangerous-direct-browser-access", "anthropic-version", "idempotency-key",
     "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range",
     "sec-fetch-mode", "sec-fetch-site", "x-claude-code-session-id", "x-http-method",
     "x-http-method-override", "x-method-override", "x-rewrite-url", "x-stainless-arch",
     "x-stainless-async", "x-stainless-helper-method", "x-stainless-lang", "x-stainless-os",
     "x-stainless-package-version", "x-stainless-retry-count", "x-stainless-runtime",
     "x-stainless-runtime-version", "x-stainless-timeout",
     // What an answer says.
     "alt-svc", "anthropic-organization-id", "cache-control", "cf-cache-status", "cf-ray",
     "clear-site-data", "content-location", "content-security-policy", "date", "expect-ct",
     "location", "nel", "public-key-pins", "report-to", "reporting-endpoints", "request-id",
     "retry-after", "retry-after-ms", "server", "set-cookie", "set-cookie2",
     "strict-transport-security", "vary", "x-envoy-upstream-service-time", "x-lighttpd-send-file",
     "x-relay-request-id", "x-reproxy-url", "x-robots-tag", "x-sendfile", "x-should-retry",
     // Its limits.
     "anthropic-ratelimit-input-tokens-limit", "anthropic-ratelimit-input-tokens-remaining",
     "anthropic-ratelimit-input-tokens-reset", "anthropic-ratelimit-output-tokens-limit",
     "anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset",
     "anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
     "anthropic-ratelimit-requests-reset", "anthropic-ratelimit-tokens-limit",
     "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"});
static_assert(known_field_names.size() < std::size_t{128});

// Which of them it is, without regard to case.
[[nodiscard]] FieldId field_id(std::string_view name) noexcept;

// The name of a field, and which of the known ones it is. Made of a literal, it costs nothing.
class FieldName {
 public:
  template <std::size_t bytes>
  consteval FieldName(const char (&literal)[bytes]) noexcept  // NOLINT: it is the name.
      : text_{literal}, id_{place_of(text_)} {}
  FieldName(const std::convertible_to<std::string_view> auto& text) noexcept  // NOLINT
      : text_{text}, id_{field_id(text_)} {}
  constexpr FieldName(std::string_view text, FieldId its_id) noexcept : text_{text}, id_{its_id} {}

  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
  [[nodiscard]] constexpr FieldId id() const noexcept { return id_; }
  [[nodiscard]] constexpr bool is_known() const noexcept { return id_ != FieldId::other; }

  // Without regard to case.
  friend bool operator==(FieldName a, FieldName b) noexcept {
    return a.id_ == b.id_ && (b.is_known() || same_name(a.text_, b.text_));
  }

 private:
  static consteval FieldId place_of(std::string_view name) noexcept {
    const auto* const found = std::ranges::find_if(known_field_names, [name](auto known) {
      return std::ranges::equal(known, name, {}, {}, to_lower);
    });
    if (found == known_field_names.end()) return FieldId::other;
    return static_cast<FieldId>(found - known_field_names.begin());
  }

  std::string_view text_;
  FieldId id_;
};

// A set of known names.
class FieldIds {
 public:
  constexpr FieldIds() noexcept = default;

  constexpr void add(FieldId id) noexcept {
    if (id != FieldId::other) words_[word(id)] |= bit(id);
  }
  [[nodiscard]] constexpr bool contains(FieldId id) const noexcept {
    return id != FieldId::other && (words_[word(id)] & bit(id)) != 0;
  }

 private:
  static constexpr std::size_t word(FieldId id) noexcept {
    return static_cast<std::size_t>(id) / 64;
  }
  static constexpr std::uint64_t bit(FieldId id) noexcept {
    return std::uint64_t{1} << (static_cast<std::size_t>(id) % 64);
  }

  std::array<std::uint64_t, 2> words_ = {};
};

}  // namespace relay::http
