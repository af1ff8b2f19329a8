#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace relay::claude {

// A content coding (RFC 9110 section 8.4.1) that we can look into.
enum class Coding : std::uint8_t { identity, gzip, deflate, brotli, zstd };

// From the value of a Content-Encoding field. None: a coding we do not know, or more than one.
[[nodiscard]] std::optional<Coding> coding_of(std::string_view content_encoding) noexcept;

// Decodes a copy of a body that is itself passed on as it is, from pieces that may be cut anywhere.
//
// Gives at most limits::decoded_bytes_max in all, and at most limits::decoded_ratio_max bytes for
// one (the first limits::decoded_bytes_free aside), so a bomb costs no more than that. Gzip may
// have several members and zstd several frames; deflate is read with and without its zlib wrapping.
//
// Not thread-safe.
class Decoder {
 public:
  enum class State : std::uint8_t {
    decoding,   // More is due.
    complete,   // So far, a whole body.
    corrupt,    // Not this coding.
    too_large,  // Beyond the bounds.
  };

  explicit Decoder(Coding coding);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) = delete;

  // Requires: next() has given nothing since the last feed(). The bytes must stay until it does.
  void feed(std::string_view bytes) noexcept;

  // The next piece of what the bytes fed so far mean, valid until the next call. Empty: nothing
  // more without more bytes, or ever.
  [[nodiscard]] std::string_view next();

  [[nodiscard]] State state() const noexcept { return state_; }

 private:
  class Stream;
  class Zlib;
  class Brotli;
  class Zstd;

  static std::unique_ptr<Stream> stream_of(Coding coding);
  [[nodiscard]] std::size_t output_bytes_max() const noexcept;

  std::unique_ptr<Stream> stream_;
  std::unique_ptr<char[]> piece_;
  std::string_view input_;
  std::size_t input_bytes_ = 0;  // All that was fed.
  std::size_t output_bytes_ = 0;
  State state_ = State::decoding;
  bool is_piece_full_ = false;  // So there may be more without more input.
};

// A body that is whole, decoded; or what is the matter with it, which may be that it is not whole.
std::expected<std::string, Decoder::State> decode(Coding coding, std::string_view body);

}  // namespace relay::claude
