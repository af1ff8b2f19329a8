#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

// Strict reading of what operators send: one JSON object, no member twice, none that we do not
// know, each of its type. Every refusal names the member and what it should be.
namespace relay::admin {

// An empty body is an empty object.
Result<nlohmann::json> parse_object(std::string_view text,
                                    std::initializer_list<std::string_view> members);

// null is as good as absent.
Result<std::string> required_text(const nlohmann::json& body, const char* name,
                                  std::size_t bytes_max);
Result<std::optional<std::string>> optional_text(const nlohmann::json& body, const char* name,
                                                 std::size_t bytes_max);
Result<std::optional<std::int64_t>> optional_count(const nlohmann::json& body, const char* name);

Error bad_member(std::string_view name, std::string_view expected);

}  // namespace relay::admin
