#pragma once

#include <cstdint>

#include "http/field_name.h"

// Which fields pass through the relay. What frames a message, belongs to one connection, carries a
// credential or vouches for who somebody is never does.
namespace relay::http {

// What becomes of the fields of a request that nobody has thought of.
enum class ForwardHeaders : std::uint8_t {
  denylist,   // They pass. The API and its clients gain fields faster than relays gain releases.
  allowlist,  // They are dropped.
};

// Whether a field of a request goes on to an upstream. False, whatever `unknown` says, for a name
// with "_": some servers take it for "-".
[[nodiscard]] bool passes_upstream(FieldName name, ForwardHeaders unknown) noexcept;

// Whether a field of an upstream's answer goes on to the client. Rate limits are not its question.
[[nodiscard]] bool passes_to_client(FieldName name) noexcept;

}  // namespace relay::http
