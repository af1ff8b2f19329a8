#include "http/framing_fields.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/characters.h"
#include "http/token_list.h"

namespace relay::http {

Parsed<void> FramingFields::note_framing(const FieldView& field) noexcept {
  if (field.name == "connection") return note_connection(field.value);
  if (field.name == "content-length") return note_length(field.value);
  return note_coding(field.value);
}

Parsed<void> FramingFields::note_length(std::string_view value) noexcept {
  if (length_) return malformed("Content-Length is given twice");
  if (value.empty() || !std::ranges::all_of(value, is_digit)) {
    return malformed("Content-Length is not a number");
  }
  std::uint64_t length = 0;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
  if (read.ec != std::errc{}) {
    return std::unexpected(
        Fault{ErrorCode::request_too_large, "Content-Length is beyond all bounds"});
  }
  length_ = length;
  return {};
}

Parsed<void> FramingFields::note_coding(std::string_view value) noexcept {
  static constexpr std::array<std::string_view, 5> known = {"gzip", "x-gzip", "deflate", "compress",
                                                            "x-compress"};
  if (coding_ != Coding::none) return malformed("Transfer-Encoding is given twice");
  if (same_name(value, "chunked")) {
    coding_ = Coding::chunked;
  } else {
    const bool is_known =
        std::ranges::any_of(known, [value](auto name) { return same_name(name, value); });
    coding_ = is_known ? Coding::known : Coding::unknown;
  }
  return {};
}

Parsed<void> FramingFields::note_connection(std::string_view value) noexcept {
  const bool is_list = for_each_element(value, [this](std::string_view option) {
    if (same_name(option, "close")) says_close_ = true;
    if (same_name(option, "keep-alive")) says_keep_alive_ = true;
    return is_all(CharClass::token, option);
  });
  if (!is_list) return malformed("Connection is not a list of names");
  return {};
}

Parsed<BodyFraming> FramingFields::body(int minor_version, Framing otherwise) const noexcept {
  if (coding_ == Coding::none) {
    if (length_) return BodyFraming{Framing::length, *length_};
    return BodyFraming{otherwise, 0};
  }
  if (length_) return malformed("both Content-Length and Transfer-Encoding are given");
  if (minor_version == 0) return malformed("Transfer-Encoding is not part of HTTP/1.0");
  if (coding_ == Coding::chunked) return BodyFraming{Framing::chunked, 0};
  if (coding_ == Coding::known) {
    return std::unexpected(
        Fault{ErrorCode::method_unknown, "this transfer coding is not implemented"});
  }
  return malformed("Transfer-Encoding is not chunked, and nothing else");
}

}  // namespace relay::http
