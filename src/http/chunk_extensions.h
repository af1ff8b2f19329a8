#pragma once

#include <cstdint>

#include "http/fault.h"

namespace relay::http {

// What may follow the size of a chunk (RFC 9112 section 7.1.1), byte by byte: ";name",
// ";name=value" or ';name="quoted value"', any number of times, in ASCII, without space around them
// or escapes. Nobody here wants to know what they say; they are checked and counted.
//
// One for each message.
class ChunkExtensions {
 public:
  // Takes a byte that follows the digits of a size. True: it is the CR that ends the line, and the
  // next byte belongs to another chunk.
  [[nodiscard]] Parsed<bool> take(char c) noexcept;

 private:
  enum class State : std::uint8_t {
    between,  // Behind the size, or a quoted value.
    name_begin,
    name,
    value_begin,
    value,
    quoted,
    refused,
  };

  State next_state(char c) const noexcept;

  State state_ = State::between;
  std::uint16_t chunk_bytes_ = 0;
  std::uint16_t message_bytes_ = 0;
};

}  // namespace relay::http
