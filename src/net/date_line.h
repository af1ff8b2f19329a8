#pragma once

#include <array>
#include <string_view>

#include "base/clock.h"

namespace relay::net {

// "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110 section 5.6.7.
std::array<char, 29> imf_fixdate(WallTime time) noexcept;

// The date field of answers, rendered once a second. Belongs to one loop.
class DateLine {
 public:
  explicit DateLine(const Clock& clock) noexcept : clock_{clock} {}

  // "date: ...\r\n". `now`: the turn's. Valid until the next call.
  [[nodiscard]] std::string_view at(TimePoint now) noexcept;

 private:
  const Clock& clock_;
  TimePoint valid_until_ = TimePoint::min();
  std::array<char, 37> line_ = {};
};

}  // namespace relay::net
