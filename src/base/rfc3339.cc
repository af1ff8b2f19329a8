#include "base/rfc3339.h"

#include <algorithm>

#include "base/put.h"

namespace relay {
namespace {

using namespace std::chrono;

// What four digits can tell. An offset may lead beyond.
constexpr WallTime first_time = sys_days{year{0} / January / 1};
constexpr WallTime last_time = sys_days{year{10'000} / January / 1} - milliseconds{1};

// Reads `digits` digits from the front of `text`; -1 if they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || (text.front() | 0x20) != (expected | 0x20)) return false;
  text.remove_prefix(1);
  return true;
}

milliseconds take_fraction(std::string_view& text) {
  int value = 0;
  int scale = 100;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    value += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return milliseconds{value};
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return minutes{0};
  const bool is_east = !text.empty() && text.front() == '+';
  if (!is_east && !(!text.empty() && text.front() == '-')) return std::nullopt;
  text.remove_prefix(1);
  const int hour = take_number(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_number(text, 2);
  if (minute < 0 || minute > 59) return std::nullopt;
  const minutes east = hours{hour} + minutes{minute};
  return is_east ? east : -east;
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const int y = take_number(text, 4);
  if (y < 0 || !take(text, '-')) return std::nullopt;
  const int mo = take_number(text, 2);
  if (mo < 0 || !take(text, '-')) return std::nullopt;
  const int d = take_number(text, 2);
  const bool has_time = d >= 0 && !text.empty() &&
                        (text.front() == 'T' || text.front() == 't' || text.front() == ' ');
  if (!has_time) return std::nullopt;
  text.remove_prefix(1);
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  const int h = take_number(text, 2);
  if (!date.ok() || h < 0 || h > 23 || !take(text, ':')) return std::nullopt;
  const int m = take_number(text, 2);
  if (m < 0 || m > 59 || !take(text, ':')) return std::nullopt;
  const int s = take_number(text, 2);
  if (s < 0 || s > 60) return std::nullopt;
  milliseconds fraction{0};
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    fraction = take_fraction(text);
  }
  const std::optional<minutes> offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return sys_days{date} + hours{h} + minutes{m} + seconds{s} + fraction - *offset;
}

char* put_rfc3339(char* to, WallTime time) noexcept {
  time = std::clamp(time, first_time, last_time);
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const auto since_midnight = static_cast<unsigned>((time - day).count());
  const unsigned seconds = since_midnight / 1'000;
  to = put_digits(to, static_cast<unsigned>(int{date.year()}), 4);
  to = put_digits(put(to, "-"), unsigned{date.month()}, 2);
  to = put_digits(put(to, "-"), unsigned{date.day()}, 2);
  to = put_digits(put(to, "T"), seconds / 3'600, 2);
  to = put_digits(put(to, ":"), seconds / 60 % 60, 2);
  to = put_digits(put(to, ":"), seconds % 60, 2);
  to = put_digits(put(to, "."), since_midnight % 1'000, 3);
  return put(to, "Z");
}

std::string rfc3339_date(sys_days day) {
  return to_rfc3339(day).substr(0, std::string_view{"2026-11-23"}.size());
}

std::string to_rfc3339(WallTime time) {
  std::string text(rfc3339_chars, '\0');
  put_rfc3339(text.data(), time);
  return text;
}

}  // namespace relay
