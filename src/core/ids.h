#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/short_text.h"

namespace relay::core {

// A key of ours, as the store numbers it. People see its uuid.
enum class KeyId : std::int64_t {};

// Made before an exchange is sent upstream, or the hash of what else is charged: the name under
// which it is charged, once, however often it is recorded.
struct AttemptId {
  std::array<std::uint8_t, 16> bytes = {};
  friend auto operator<=>(const AttemptId&, const AttemptId&) = default;
};

std::string to_string(const AttemptId& id);  // 32 hexadecimal digits.

// Milliseconds of `now` in 48 bits, then 80 random ones, as in RFC 9562 section 5.7: what is made
// together lies together in an index. Unique whatever the clock says.
AttemptId new_attempt_id(WallTime now);

// Of one result of a batch: the same whenever it is fetched, so that it is charged once.
AttemptId attempt_of_result(std::string_view batch, std::string_view custom_id);

// Our own name for a request, in logs, errors and x-relay-request-id: "req_" and 24 base62 digits,
// of which the first 8 are the milliseconds of `now` and the others random.
using RequestId = ShortText<28>;
RequestId new_request_id(WallTime now);

// A random UUID (RFC 9562 section 5.4) in its usual form.
std::string new_uuid();

}  // namespace relay::core
