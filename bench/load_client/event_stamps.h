#pragma once

#include <string>
#include <string_view>

#include "shared/monotonic.h"
#include "shared/stamp.h"

namespace relay::bench {

// Finds the stamps of events in a stream, however it is cut into reads. A stamp that a chunk's
// frame has come into is not found; there are few of them.
class EventStamps {
 public:
  void reset() noexcept { carried_.clear(); }

  // Calls `found(Nanos)` for each stamp that ends in these bytes.
  template <typename Found>
  void read(std::string_view bytes, Found&& found) {
    if (carried_.empty()) {
      carry(bytes.substr(scan(bytes, found)));
      return;
    }
    std::string whole = std::move(carried_);
    whole.append(bytes);
    carry(std::string_view{whole}.substr(scan(whole, found)));
  }

 private:
  template <typename Found>
  static std::size_t scan(std::string_view text, Found& found) {
    std::size_t done = 0;
    for (;;) {
      const std::size_t at = text.find(stamp_member, done);
      if (at == std::string_view::npos || at + stamp_bytes > text.size()) return done;
      done = at + stamp_bytes;
      const std::string_view digits = text.substr(at + stamp_member.size(), stamp_digits);
      if (const Nanos stamp = stamp_of(digits); stamp > 0) found(stamp);
    }
  }

  // 0 if these are not all digits.
  static Nanos stamp_of(std::string_view digits) noexcept;

  // Keeps the end of what was read, if a stamp may have begun in it.
  void carry(std::string_view rest);

  std::string carried_;
};

}  // namespace relay::bench
