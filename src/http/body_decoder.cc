#include "http/body_decoder.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/limits.h"
#include "http/characters.h"
#include "http/field_reader.h"
#include "http/protected_fields.h"

namespace relay::http {
namespace {

bool may_be_trailer(FieldName name) noexcept {
  return !is_protected_field(name) && name != "connection" && name != "te" && name != "upgrade" &&
         name != "keep-alive";
}

constexpr std::size_t plain_digits_max = 8;
static_assert(plain_digits_max <= limits::chunk_size_digits_max);

struct SizeLine {
  std::uint64_t size = 0;
  std::size_t bytes = 0;  // Of the line, with its CRLF.
};

// As nearly all are: a few digits and nothing else, and all of it here. None: look byte by byte.
std::optional<SizeLine> plain_size_line(std::string_view bytes) noexcept {
  SizeLine line;
  while (line.bytes < bytes.size() && line.bytes <= plain_digits_max) {
    const int digit = hex_value(bytes[line.bytes]);
    if (digit < 0) break;
    line.size = line.size * 16 + static_cast<std::uint64_t>(digit);
    ++line.bytes;
  }
  const bool is_plain = line.bytes > 0 && line.bytes <= plain_digits_max &&
                        bytes.substr(line.bytes).starts_with("\r\n");
  if (!is_plain) return std::nullopt;
  line.bytes += 2;
  return line;
}

}  // namespace

BodyDecoder::BodyDecoder(BodyFraming framing, Origin sender) noexcept
    : state_{initial_state(framing)},
      sender_{sender},
      left_{framing.kind == Framing::length ? framing.length : 0} {
}

BodyDecoder::State BodyDecoder::initial_state(BodyFraming framing) noexcept {
  switch (framing.kind) {
    case Framing::none: return State::done;
    case Framing::length: return framing.length == 0 ? State::done : State::counted;
    case Framing::chunked: return State::size;
    case Framing::until_close: return State::until_close;
  }
  __builtin_unreachable();
}

Result<BodyDecoder::Decoded> BodyDecoder::decode(std::span<char> bytes) {
  switch (state_) {
    case State::done: return Decoded{.is_last = true};
    case State::counted: return take_counted(bytes);
    case State::until_close: return Decoded{{bytes.data(), bytes.size()}, bytes.size(), false};
    default: break;
  }
  const Parsed<Decoded> decoded = take_chunked(bytes);
  if (!decoded) return std::unexpected(to_error(decoded.error(), sender_));
  return *decoded;
}

BodyDecoder::Decoded BodyDecoder::take_counted(std::span<char> bytes) noexcept {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  left_ -= n;
  if (left_ == 0) state_ = State::done;
  return {{bytes.data(), n}, n, is_done()};
}

// The payload of the first chunk stays where it is; what the others hold moves up to it.
Parsed<BodyDecoder::Decoded> BodyDecoder::take_chunked(std::span<char> bytes) {
  std::size_t at = 0;
  std::size_t payload_at = 0;
  std::size_t payload_bytes = 0;
  while (at < bytes.size() && !is_done()) {
    if (state_ != State::data) {
      const std::size_t framing = take_plain_framing({bytes.data() + at, bytes.size() - at});
      at += framing;
      if (framing > 0) continue;
      const Parsed<void> taken = take_framing_byte(bytes[at]);
      if (!taken) return std::unexpected(taken.error());
      ++at;
      continue;
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
    if (payload_bytes == 0) payload_at = at;
    char* const to = bytes.data() + payload_at + payload_bytes;
    if (to != bytes.data() + at) std::memmove(to, bytes.data() + at, n);
    payload_bytes += n;
    at += n;
    left_ -= n;
    if (left_ == 0) state_ = State::data_cr;
  }
  return Decoded{{bytes.data() + payload_at, payload_bytes}, at, is_done()};
}

// How many bytes were framing of the usual form. 0: they have to be taken one by one.
std::size_t BodyDecoder::take_plain_framing(std::string_view bytes) noexcept {
  if (state_ == State::data_cr && bytes.starts_with("\r\n")) {
    state_ = State::size;
    return 2;
  }
  if (state_ != State::size || size_digits_ > 0) return 0;
  const std::optional<SizeLine> line = plain_size_line(bytes);
  if (!line) return 0;
  left_ = line->size;
  state_ = left_ == 0 ? State::trailer : State::data;
  return line->bytes;
}

Parsed<void> BodyDecoder::take_framing_byte(char c) {
  switch (state_) {
    case State::size: return take_size_byte(c);
    case State::extensions: return take_extension_byte(c);
    case State::size_end: return take_size_end(c);
    case State::trailer: return take_trailer_byte(c);
    case State::data_cr:
      if (c != '\r') return malformed("a chunk is longer than its size");
      state_ = State::data_lf;
      return {};
    case State::data_lf:
      if (c != '\n') return malformed("a chunk does not end in CRLF");
      state_ = State::size;
      return {};
    case State::counted:
    case State::until_close:
    case State::data:
    case State::done: break;
  }
  __builtin_unreachable();
}

Parsed<void> BodyDecoder::take_size_byte(char c) noexcept {
  const int digit = hex_value(c);
  if (digit >= 0) {
    if (size_digits_ == limits::chunk_size_digits_max) return malformed("a chunk size is too long");
    ++size_digits_;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return {};
  }
  if (size_digits_ == 0 || (c != '\r' && c != ';')) return malformed("a chunk has no valid size");
  state_ = State::extensions;
  return take_extension_byte(c);
}

Parsed<void> BodyDecoder::take_extension_byte(char c) noexcept {
  const Parsed<bool> is_end = extensions_.take(c);
  if (!is_end) return std::unexpected(is_end.error());
  if (*is_end) state_ = State::size_end;
  return {};
}

Parsed<void> BodyDecoder::take_size_end(char c) noexcept {
  if (c != '\n') return malformed("the line of a chunk size does not end in CRLF");
  size_digits_ = 0;
  state_ = left_ == 0 ? State::trailer : State::data;
  return {};
}

Parsed<void> BodyDecoder::take_trailer_byte(char c) {
  if (++trailer_bytes_ > limits::trailer_bytes_max) {
    return std::unexpected(Fault{ErrorCode::head_too_large, "the trailers are too large"});
  }
  trailer_line_.push_back(c);
  return c == '\n' ? take_trailer_line() : Parsed<void>{};
}

// A line that ends in LF is complete, or wrong.
Parsed<void> BodyDecoder::take_trailer_line() {
  FieldReader reader{trailer_line_};
  Fields::Slot slot;
  const FieldReader::Step step = reader.next(slot);
  if (step == FieldReader::Step::end) {
    state_ = State::done;
    return {};
  }
  if (step != FieldReader::Step::field) return reader.fault();
  if (++trailer_fields_ > limits::trailer_fields_max) {
    return std::unexpected(Fault{ErrorCode::head_too_large, "there are too many trailers"});
  }
  if (!may_be_trailer(reader.field(slot).name))
    return malformed("a field stands in the trailers that may not");
  trailer_line_.clear();
  return {};
}

}  // namespace relay::http
