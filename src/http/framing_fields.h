#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/fault.h"
#include "http/head.h"
#include "http/name_set.h"

namespace relay::http {

// What the fields of a head say about where its body and its connection end, gathered field by
// field (RFC 9112 sections 6 and 9.3). Two answers to one question are a fault, even when equal:
// smuggling starts where two readers choose differently.
class FramingFields {
 public:
  // Looks at one more field. Most are none of its business.
  [[nodiscard]] Parsed<void> note(const FieldView& field) noexcept {
    return noted.contains(field.name.id()) ? note_framing(field) : Parsed<void>{};
  }

  // Once the head is complete. With neither Content-Length nor Transfer-Encoding the body is
  // `otherwise`. method_unknown: a transfer coding that exists but is not chunked.
  [[nodiscard]] Parsed<BodyFraming> body(int minor_version, Framing otherwise) const noexcept;

  [[nodiscard]] bool keep_alive(int minor_version) const noexcept {
    return !says_close_ && (minor_version >= 1 || says_keep_alive_);
  }

 private:
  enum class Coding : std::uint8_t { none, chunked, known, unknown };

  static constexpr NameSet noted{"connection", "content-length", "transfer-encoding"};

  Parsed<void> note_framing(const FieldView& field) noexcept;
  Parsed<void> note_length(std::string_view value) noexcept;
  Parsed<void> note_coding(std::string_view value) noexcept;
  Parsed<void> note_connection(std::string_view value) noexcept;

  std::optional<std::uint64_t> length_;
  Coding coding_ = Coding::none;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

}  // namespace relay::http
