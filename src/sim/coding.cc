#include "sim/coding.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "base/limits.h"

namespace relay::sim {
namespace {

constexpr std::size_t step_bytes = 64 * limits::kib;
using Step = std::array<char, step_bytes>;

// What zlib calls the format, by the size of its window.
constexpr int zlib_window = 15;
constexpr int gzip_window = 15 + 16;
constexpr int raw_window = -15;
constexpr int any_window = 15 + 32;  // gzip or zlib, whichever it is.

// Where zlib reads, which it does without changing anything, and where it writes.
unsigned char* as_input(std::string_view bytes) noexcept {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
}
unsigned char* as_output(Step& step) noexcept {
  return reinterpret_cast<unsigned char*>(step.data());
}

class ZlibEncoder final : public Encoder {
 public:
  explicit ZlibEncoder(int window) {
    [[maybe_unused]] const int failed =
        ::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    assert(failed == Z_OK);
  }
  ~ZlibEncoder() override { ::deflateEnd(&stream_); }

  std::string encode(std::string_view bytes, bool is_last) override {
    std::string encoded;
    Step step;
    stream_.next_in = as_input(bytes);
    stream_.avail_in = static_cast<unsigned>(bytes.size());
    do {
      stream_.next_out = as_output(step);
      stream_.avail_out = step_bytes;
      ::deflate(&stream_, is_last ? Z_FINISH : Z_SYNC_FLUSH);
      encoded.append(step.data(), step_bytes - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return encoded;
  }

 private:
  z_stream stream_ = {};
};

class BrotliEncoder final : public Encoder {
 public:
  BrotliEncoder() : state_{BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)} {
    BrotliEncoderSetParameter(state_.get(), BROTLI_PARAM_QUALITY, 4);
  }

  std::string encode(std::string_view bytes, bool is_last) override {
    const auto operation = is_last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH;
    std::string encoded;
    Step step;
    std::size_t in = bytes.size();
    const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
    do {
      std::size_t room = step_bytes;
      auto* to = reinterpret_cast<std::uint8_t*>(step.data());
      BrotliEncoderCompressStream(state_.get(), operation, &in, &from, &room, &to, nullptr);
      encoded.append(step.data(), step_bytes - room);
    } while (in > 0 || BrotliEncoderHasMoreOutput(state_.get()));
    return encoded;
  }

 private:
  struct Destroy {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliEncoderState, Destroy> state_;
};

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() : context_{ZSTD_createCCtx()} {}

  std::string encode(std::string_view bytes, bool is_last) override {
    std::string encoded;
    Step step;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{step.data(), step_bytes, 0};
      left = ZSTD_compressStream2(context_.get(), &out, &in, is_last ? ZSTD_e_end : ZSTD_e_flush);
      encoded.append(step.data(), out.pos);
    } while (left != 0 && !ZSTD_isError(left));
    return encoded;
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

std::optional<std::string> inflate_all(std::string_view bytes, std::size_t bytes_max) {
  z_stream stream = {};
  if (::inflateInit2(&stream, any_window) != Z_OK) return std::nullopt;
  stream.next_in = as_input(bytes);
  stream.avail_in = static_cast<unsigned>(bytes.size());
  std::string decoded;
  Step step;
  int outcome = Z_OK;
  while (outcome == Z_OK && decoded.size() <= bytes_max) {
    stream.next_out = as_output(step);
    stream.avail_out = step_bytes;
    outcome = ::inflate(&stream, Z_NO_FLUSH);
    decoded.append(step.data(), step_bytes - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (outcome != Z_STREAM_END || decoded.size() > bytes_max) return std::nullopt;
  return decoded;
}

std::optional<std::string> unbrotli_all(std::string_view bytes, std::size_t bytes_max) {
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  const std::unique_ptr<BrotliDecoderState, Destroy> state{
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
  std::string decoded;
  Step step;
  std::size_t in = bytes.size();
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  auto outcome = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
  while (outcome == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && decoded.size() <= bytes_max) {
    std::size_t room = step_bytes;
    auto* to = reinterpret_cast<std::uint8_t*>(step.data());
    outcome = BrotliDecoderDecompressStream(state.get(), &in, &from, &room, &to, nullptr);
    decoded.append(step.data(), step_bytes - room);
  }
  if (outcome != BROTLI_DECODER_RESULT_SUCCESS || decoded.size() > bytes_max) return std::nullopt;
  return decoded;
}

std::optional<std::string> unzstd_all(std::string_view bytes, std::size_t bytes_max) {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  const std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
  std::string decoded;
  Step step;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{step.data(), step_bytes, 0};
    const std::size_t left = ZSTD_decompressStream(context.get(), &out, &in);
    decoded.append(step.data(), out.pos);
    if (ZSTD_isError(left) || decoded.size() > bytes_max) return std::nullopt;
    if (left == 0) return decoded;
    if (in.pos == in.size && out.pos < step_bytes) return std::nullopt;
  }
}

}  // namespace

std::unique_ptr<Encoder> make_encoder(std::string_view coding) {
  if (coding == "gzip") return std::make_unique<ZlibEncoder>(gzip_window);
  if (coding == "deflate") return std::make_unique<ZlibEncoder>(zlib_window);
  if (coding == "raw_deflate") return std::make_unique<ZlibEncoder>(raw_window);
  if (coding == "br") return std::make_unique<BrotliEncoder>();
  if (coding == "zstd") return std::make_unique<ZstdEncoder>();
  return nullptr;
}

std::string_view coding_token(std::string_view coding) noexcept {
  return coding == "raw_deflate" ? "deflate" : coding;
}

std::string_view choose_coding(std::string_view accept_encoding) noexcept {
  for (const std::string_view coding : {"zstd", "br", "gzip", "deflate"}) {
    const std::size_t at = accept_encoding.find(coding);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = accept_encoding.substr(at + coding.size());
    const std::string_view weight = rest.substr(0, rest.find(','));
    if (weight.find("q=0") == std::string_view::npos ||
        weight.find("q=0.") != std::string_view::npos)
      return coding;
  }
  return {};
}

std::optional<std::string> decode(std::string_view coding, std::string_view bytes,
                                  std::size_t bytes_max) {
  if (coding == "gzip" || coding == "deflate") return inflate_all(bytes, bytes_max);
  if (coding == "br") return unbrotli_all(bytes, bytes_max);
  if (coding == "zstd") return unzstd_all(bytes, bytes_max);
  return std::nullopt;
}

}  // namespace relay::sim
