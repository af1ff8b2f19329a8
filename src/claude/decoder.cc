#include "claude/decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/limits.h"
#include "http/head.h"

namespace relay::claude {
namespace {

// The free parameters of zlib: its window, and what it looks for in front of the data.
constexpr int window_bits = 15;
constexpr int gzip_wrapping = 16;

template <typename Pointer>
void check_allocated(Pointer pointer) {
  if (pointer == nullptr) throw std::bad_alloc{};
}

// RFC 1950: the first byte says "deflate" and how large its window is. Raw data (which servers
// have sent under the same name for ever) would begin with a stored block of odd padding.
bool is_zlib_wrapped(std::string_view data) noexcept {
  const auto first = static_cast<unsigned char>(data.front());
  return (first & 0x0F) == Z_DEFLATED && first >> 4 <= 7;
}

}  // namespace

// One library's decoder.
class Decoder::Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  struct Step {
    State state;
    std::size_t output_bytes;
  };

  // Takes from the front of `input` and writes into `output`. `input` may be empty only if the last
  // step filled its output.
  virtual Step decode(std::string_view& input, char* output, std::size_t output_bytes) = 0;
};

class Decoder::Zlib final : public Decoder::Stream {
 public:
  explicit Zlib(bool is_gzip) noexcept : is_gzip_{is_gzip} {}
  ~Zlib() override {
    if (is_ready_) inflateEnd(&zlib_);
  }

  Step decode(std::string_view& input, char* output, std::size_t output_bytes) override {
    if (!prepare(input)) return {state_, 0};
    zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    zlib_.avail_in = static_cast<uInt>(std::min<std::size_t>(input.size(), input_step));
    zlib_.next_out = reinterpret_cast<Bytef*>(output);
    zlib_.avail_out = static_cast<uInt>(output_bytes);
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    input.remove_prefix(
        static_cast<std::size_t>(reinterpret_cast<const char*>(zlib_.next_in) - input.data()));
    const std::size_t written = output_bytes - zlib_.avail_out;
    if (result == Z_MEM_ERROR) throw std::bad_alloc{};
    if (result == Z_STREAM_END) {
      state_ = State::complete;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      state_ = State::corrupt;
    }
    return {state_, written};
  }

 private:
  static constexpr std::size_t input_step = std::size_t{1} << 30;  // zlib counts in 32 bits.

  // False: `input` follows the end of the body.
  bool prepare(std::string_view input) {
    if (!is_ready_) {
      const int bits = is_gzip_                 ? window_bits + gzip_wrapping
                       : is_zlib_wrapped(input) ? window_bits
                                                : -window_bits;
      if (inflateInit2(&zlib_, bits) != Z_OK) throw std::bad_alloc{};
      is_ready_ = true;
    }
    if (state_ != State::complete) return true;
    if (!is_gzip_) {
      state_ = State::corrupt;
      return false;
    }
    inflateReset(&zlib_);
    state_ = State::decoding;
    return true;
  }

  z_stream zlib_ = {};
  State state_ = State::decoding;
  bool is_gzip_;
  bool is_ready_ = false;
};

class Decoder::Brotli final : public Decoder::Stream {
 public:
  Brotli() : brotli_{BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)} {
    check_allocated(brotli_);
  }
  ~Brotli() override { BrotliDecoderDestroyInstance(brotli_); }

  Step decode(std::string_view& input, char* output, std::size_t output_bytes) override {
    if (BrotliDecoderIsFinished(brotli_) != BROTLI_FALSE) {
      return {input.empty() ? State::complete : State::corrupt, 0};
    }
    std::size_t input_left = input.size();
    std::size_t output_left = output_bytes;
    auto* next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    auto* next_out = reinterpret_cast<std::uint8_t*>(output);
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        brotli_, &input_left, &next_in, &output_left, &next_out, nullptr);
    input.remove_prefix(input.size() - input_left);
    return {state_after(result), output_bytes - output_left};
  }

 private:
  static State state_after(BrotliDecoderResult result) noexcept {
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return State::complete;
    return result == BROTLI_DECODER_RESULT_ERROR ? State::corrupt : State::decoding;
  }

  BrotliDecoderState* brotli_;
};

class Decoder::Zstd final : public Decoder::Stream {
 public:
  Zstd() : zstd_{ZSTD_createDCtx()} {
    check_allocated(zstd_);
    ZSTD_DCtx_setParameter(zstd_, ZSTD_d_windowLogMax, limits::decoded_window_log_max);
  }
  ~Zstd() override { ZSTD_freeDCtx(zstd_); }

  Step decode(std::string_view& input, char* output, std::size_t output_bytes) override {
    if (input.empty() && state_ == State::complete) return {state_, 0};
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output, output_bytes, 0};
    const std::size_t result = ZSTD_decompressStream(zstd_, &out, &in);
    input.remove_prefix(in.pos);
    state_ = result == 0 ? State::complete : State::decoding;
    if (ZSTD_isError(result) != 0) state_ = State::corrupt;
    return {state_, out.pos};
  }

 private:
  ZSTD_DCtx* zstd_;
  State state_ = State::decoding;
};

std::optional<Coding> coding_of(std::string_view content_encoding) noexcept {
  const std::string_view name = content_encoding;
  if (name.empty() || http::same_name(name, "identity")) return Coding::identity;
  if (http::same_name(name, "gzip") || http::same_name(name, "x-gzip")) return Coding::gzip;
  if (http::same_name(name, "deflate")) return Coding::deflate;
  if (http::same_name(name, "br")) return Coding::brotli;
  if (http::same_name(name, "zstd")) return Coding::zstd;
  return std::nullopt;
}

std::unique_ptr<Decoder::Stream> Decoder::stream_of(Coding coding) {
  switch (coding) {
    case Coding::identity: return nullptr;
    case Coding::gzip: return std::make_unique<Zlib>(true);
    case Coding::deflate: return std::make_unique<Zlib>(false);
    case Coding::brotli: return std::make_unique<Brotli>();
    case Coding::zstd: return std::make_unique<Zstd>();
  }
  __builtin_unreachable();
}

Decoder::Decoder(Coding coding) : stream_{stream_of(coding)} {
  if (stream_ != nullptr) piece_ = std::make_unique<char[]>(limits::decoded_piece_bytes);
}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;

void Decoder::feed(std::string_view bytes) noexcept {
  input_ = bytes;
  input_bytes_ += bytes.size();
}

std::size_t Decoder::output_bytes_max() const noexcept {
  const std::size_t by_ratio = limits::decoded_ratio_max * input_bytes_;
  return std::min(std::max(by_ratio, limits::decoded_bytes_free), limits::decoded_bytes_max);
}

std::string_view Decoder::next() {
  if (stream_ == nullptr) return std::exchange(input_, {});
  const auto may_give_more = [this] {
    if (state_ == State::complete) return !input_.empty();
    return state_ == State::decoding && (!input_.empty() || is_piece_full_);
  };
  while (may_give_more()) {
    const std::size_t left = input_.size();
    const auto [state, bytes] = stream_->decode(input_, piece_.get(), limits::decoded_piece_bytes);
    state_ = state;
    is_piece_full_ = bytes == limits::decoded_piece_bytes;
    output_bytes_ += bytes;
    if (output_bytes_ > output_bytes_max()) state_ = State::too_large;
    if (state_ == State::too_large) return {};
    if (bytes > 0) return {piece_.get(), bytes};
    if (input_.size() == left) return {};
  }
  return {};
}

std::expected<std::string, Decoder::State> decode(Coding coding, std::string_view body) {
  if (coding == Coding::identity) return std::string{body};
  Decoder decoder{coding};
  decoder.feed(body);
  std::string decoded;
  for (std::string_view piece = decoder.next(); !piece.empty(); piece = decoder.next()) {
    decoded += piece;
  }
  if (decoder.state() != Decoder::State::complete) return std::unexpected(decoder.state());
  return decoded;
}

}  // namespace relay::claude
