#pragma once

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <cassert>
#include <string>
#include <string_view>

// Encoders for tests of what decodes.
namespace relay::claude {

// `window_bits` as zlib has them: 15 wraps as zlib, 31 as gzip, -15 not at all.
inline std::string deflated(std::string_view text, int window_bits) {
  z_stream zlib = {};
  const int begun = deflateInit2(&zlib, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  assert(begun == Z_OK);
  std::string coded(deflateBound(&zlib, text.size()) + 32, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(coded.data());
  zlib.avail_out = static_cast<uInt>(coded.size());
  const int ended = deflate(&zlib, Z_FINISH);
  assert(ended == Z_STREAM_END);
  coded.resize(zlib.total_out);
  deflateEnd(&zlib);
  return coded;
}

inline std::string gzipped(std::string_view text) {
  return deflated(text, 31);
}

inline std::string brotlied(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string coded(size, '\0');
  const BROTLI_BOOL ended = BrotliEncoderCompress(
      5, 22, BROTLI_MODE_TEXT, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()),
      &size, reinterpret_cast<std::uint8_t*>(coded.data()));
  assert(ended == BROTLI_TRUE);
  coded.resize(size);
  return coded;
}

inline std::string zstded(std::string_view text) {
  std::string coded(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(coded.data(), coded.size(), text.data(), text.size(), 3);
  assert(ZSTD_isError(size) == 0);
  coded.resize(size);
  return coded;
}

// `text` under the content coding `name`.
inline std::string coded(std::string_view name, std::string_view text) {
  if (name == "gzip") return gzipped(text);
  if (name == "deflate") return deflated(text, 15);
  if (name == "br") return brotlied(text);
  if (name == "zstd") return zstded(text);
  return std::string{text};
}

}  // namespace relay::claude
