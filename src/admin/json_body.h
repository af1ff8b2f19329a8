#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "core/money.h"

// Strict reading of what operators send: one JSON object, no member twice at any depth, none that
// we do not know, each of its type. Every refusal names the member and what it should be.
namespace relay::admin {

// A number that is not whole is kept as it was written, as binary, so that no sum of money passes
// through a floating-point number; see read_usd().
Result<nlohmann::json> parse_json(std::string_view text);

// An empty text is an empty object.
Result<nlohmann::json> parse_object(std::string_view text,
                                    std::span<const std::string_view> members);

// Each value on its own: none, if it is not that. A character is a code point of Unicode.
std::optional<std::string> read_text(const nlohmann::json& value, std::size_t characters_max);
std::optional<std::int64_t> read_count(const nlohmann::json& value);  // 0 to 2^53.
std::optional<core::NanoUsd> read_usd(const nlohmann::json& value);   // Not negative.

// A member of an object. null is as good as absent.
Result<std::optional<std::string>> optional_text(const nlohmann::json& body, const char* name,
                                                 std::size_t characters_max);
Result<std::string> required_text(const nlohmann::json& body, const char* name,
                                  std::size_t characters_max);
Result<std::optional<std::int64_t>> optional_count(const nlohmann::json& body, const char* name,
                                                   std::int64_t least, std::int64_t most);

Error bad_request(std::string message);
Error bad_member(std::string_view name, std::string_view expected);

}  // namespace relay::admin
