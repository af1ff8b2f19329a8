#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace relay::sim {

// A content coding, applied piece by piece: what encode() returns can be decoded up to the end of
// its piece, as a stream of events needs it.
class Encoder {
 public:
  virtual ~Encoder() = default;
  [[nodiscard]] virtual std::string encode(std::string_view bytes, bool is_last) = 0;
};

// gzip, deflate (in its zlib wrapper), raw_deflate, br or zstd. Null: none of these.
[[nodiscard]] std::unique_ptr<Encoder> make_encoder(std::string_view coding);

// What a content-encoding field calls it.
[[nodiscard]] std::string_view coding_token(std::string_view coding) noexcept;

// The first of "zstd", "br", "gzip" and "deflate" that an accept-encoding field lists without
// refusing it. Empty: none.
[[nodiscard]] std::string_view choose_coding(std::string_view accept_encoding) noexcept;

// All of `bytes`, which are gzip, deflate, br or zstd. Nothing, if they are not, or if they would
// become more than `bytes_max`.
[[nodiscard]] std::optional<std::string> decode(std::string_view coding, std::string_view bytes,
                                                std::size_t bytes_max);

}  // namespace relay::sim
