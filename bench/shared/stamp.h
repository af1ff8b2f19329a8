#pragma once

#include <cstddef>
#include <string_view>

// How an event of the mock upstream says when it was written: this member, and so many digits of
// Nanos behind it.
namespace relay::bench {

inline constexpr std::string_view stamp_member = "\"ts\":";
inline constexpr std::size_t stamp_digits = 19;
inline constexpr std::size_t stamp_bytes = stamp_member.size() + stamp_digits;

}  // namespace relay::bench
