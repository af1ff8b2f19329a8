#pragma once

#include <cstddef>
#include <string_view>

#include "base/put.h"
#include "http/head.h"

namespace relay::http {

// Copies fields from one message into another, as lines. Most messages have lines as we would write
// them and most fields pass, so what lies together is copied together.
//
// Requires: room for Fields::line_bytes_max().
class LineCopier {
 public:
  LineCopier(const Fields& fields, char* to) noexcept : fields_{fields}, to_{to} {}

  // The fields from `index` on come next. They pass in their order.
  void pass(std::size_t index) noexcept {
    const std::string_view line = fields_.line(index);
    if (line.empty()) return pass_as(fields_[index]);
    if (line.data() != together_.data() + together_.size()) flush();
    together_ = together_.empty()
                    ? line
                    : std::string_view{together_.data(), together_.size() + line.size()};
  }

  // With another value than it came with.
  void pass_as(FieldView field) noexcept {
    flush();
    to_ = put(put(put(put(to_, field.name.text()), ": "), field.value), "\r\n");
  }

  // Where the next bytes go.
  [[nodiscard]] char* end() noexcept {
    flush();
    return to_;
  }

 private:
  void flush() noexcept {
    to_ = put(to_, together_);
    together_ = {};
  }

  const Fields& fields_;
  char* to_;
  std::string_view together_;  // Lines that lie behind each other and are still to be copied.
};

}  // namespace relay::http
