#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/chunk_extensions.h"
#include "http/fault.h"
#include "http/head.h"

namespace relay::http {

// Takes the framing off the body of one message (RFC 9112 sections 6 and 7), in the buffer it was
// read into: no copy, and no memory of its own but for trailers.
//
// Bytes may be cut anywhere. As strict as the head parser: CRLF only, no sign or space in a chunk's
// size, extensions and trailers bounded (limits::chunk_*, trailer_*), checked and dropped. How long
// a body may be is the caller's to say.
//
// Not thread-safe: a decoder belongs to its connection.
class BodyDecoder {
 public:
  struct Decoded {
    std::string_view payload;  // Lies in the bytes given.
    std::size_t consumed = 0;  // How many of them belong to this body. The rest is untouched.
    bool is_last = false;      // The body ends with this payload.
  };

  // `sender` is who is blamed: Origin::client for requests, Origin::upstream for answers.
  explicit BodyDecoder(BodyFraming framing, Origin sender = Origin::client) noexcept;

  // Takes the next bytes of the connection. The bytes consumed are left in no particular state.
  // After an error nothing more can be decoded. invalid_request, head_too_large (trailers);
  // upstream_protocol.
  [[nodiscard]] Result<Decoded> decode(std::span<char> bytes);

  // Never true of Framing::until_close: that body ends with the connection.
  [[nodiscard]] bool is_done() const noexcept { return state_ == State::done; }

  // How much payload is known to follow: of the body, or of the chunk at hand.
  [[nodiscard]] std::uint64_t remaining_hint() const noexcept { return left_; }

 private:
  enum class State : std::uint8_t {
    counted,
    until_close,
    size,        // The digits of a chunk's size,
    extensions,  // what may follow them,
    size_end,    // and the LF that ends the line.
    data,
    data_cr,
    data_lf,
    trailer,
    done,
  };

  static State initial_state(BodyFraming framing) noexcept;

  Decoded take_counted(std::span<char> bytes) noexcept;
  Parsed<Decoded> take_chunked(std::span<char> bytes);
  std::size_t take_plain_framing(std::string_view bytes) noexcept;
  Parsed<void> take_framing_byte(char c);
  Parsed<void> take_size_byte(char c) noexcept;
  Parsed<void> take_extension_byte(char c) noexcept;
  Parsed<void> take_size_end(char c) noexcept;
  Parsed<void> take_trailer_byte(char c);
  Parsed<void> take_trailer_line();

  State state_;
  Origin sender_;
  std::uint64_t left_;  // Of the body, or of the chunk.

  std::uint8_t size_digits_ = 0;
  ChunkExtensions extensions_;
  std::uint16_t trailer_bytes_ = 0;
  std::uint16_t trailer_fields_ = 0;
  std::string trailer_line_;  // As far as it has come.
};

}  // namespace relay::http
