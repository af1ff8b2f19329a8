#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/fault.h"
#include "http/head.h"

namespace relay::http {

// Reads a header or trailer section (RFC 9112 section 5) line by line: no folding, no space before
// the colon, no line end but CRLF, no control byte but HTAB. A fault is found as soon as it can be
// seen. Keeps views of the section; allocates nothing.
class FieldReader {
 public:
  enum class Step : std::uint8_t { field, end, incomplete, fault };

  explicit FieldReader(std::string_view section) noexcept : section_{section} {}

  // Reads one more line: a field, which lies in the section as `slot` then says, or the blank line
  // that ends the section. After `incomplete` and `fault` there is nothing more to read.
  [[nodiscard]] Step next(Fields::Slot& slot) noexcept;

  [[nodiscard]] FieldView field(const Fields::Slot& slot) const noexcept {
    return {{{section_.data() + slot.name_at, slot.name_bytes}, slot.id},
            {section_.data() + slot.value_at, slot.value_bytes}};
  }

  // How many bytes have been read; after Step::end, the size of the section.
  [[nodiscard]] std::size_t bytes() const noexcept { return at_; }

  // After Step::fault.
  [[nodiscard]] std::unexpected<Fault> fault() const noexcept { return malformed(fault_); }

 private:
  Step end_of_section() noexcept;
  Step failed(std::string_view why) noexcept;
  Step failed_in_name(std::size_t at) noexcept;
  Step failed_in_value(std::size_t at) noexcept;

  std::string_view section_;
  std::size_t at_ = 0;
  std::string_view fault_;
};

}  // namespace relay::http
