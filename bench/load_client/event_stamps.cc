#include "load_client/event_stamps.h"

#include <algorithm>
#include <charconv>

namespace relay::bench {

Nanos EventStamps::stamp_of(std::string_view digits) noexcept {
  Nanos stamp = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), stamp);
  const bool is_whole = error == std::errc{} && end == digits.data() + digits.size();
  return is_whole ? stamp : 0;
}

void EventStamps::carry(std::string_view rest) {
  const std::string_view tail = rest.substr(rest.size() - std::min(rest.size(), stamp_bytes - 1));
  if (tail.find(stamp_member.front()) == std::string_view::npos) {
    carried_.clear();
  } else {
    carried_ = tail;
  }
}

}  // namespace relay::bench
