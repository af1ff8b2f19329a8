#pragma once

#include <cstddef>
#include <string_view>

#include "base/limits.h"

namespace relay::net {

// Says when a head that is still growing should be parsed again: when a line has ended, or so many
// bytes have come. So a head that comes byte by byte costs no more than its lines.
class HeadProgress {
 public:
  // `bytes` are all there is of the head, the last `fresh` of them new.
  [[nodiscard]] bool is_worth_parsing(std::string_view bytes, std::size_t fresh) noexcept {
    const bool is_first = parsed_bytes_ == 0;
    const bool has_grown = bytes.size() - parsed_bytes_ >= limits::head_parse_step_bytes;
    if (!is_first && !has_grown && bytes.substr(bytes.size() - fresh).find('\n') == bytes.npos) {
      return false;
    }
    parsed_bytes_ = bytes.size();
    return true;
  }

 private:
  std::size_t parsed_bytes_ = 0;
};

}  // namespace relay::net
