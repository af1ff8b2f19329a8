#include "net/date_line.h"

#include "base/put.h"

namespace relay::net {
namespace {

constexpr std::string_view days = "SunMonTueWedThuFriSat";
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

template <typename T>
unsigned whole(T count) noexcept {
  return static_cast<unsigned>(count);
}

}  // namespace

std::array<char, 29> imf_fixdate(WallTime time) noexcept {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};

  std::array<char, 29> text;
  char* to = put(text.data(), days.substr(3 * std::chrono::weekday{day}.c_encoding(), 3));
  to = put_digits(put(to, ", "), whole(unsigned{date.day()}), 2);
  to = put(put(to, " "), months.substr(3 * (unsigned{date.month()} - 1), 3));
  to = put_digits(put(to, " "), whole(int{date.year()}), 4);
  to = put_digits(put(to, " "), whole(clock.hours().count()), 2);
  to = put_digits(put(to, ":"), whole(clock.minutes().count()), 2);
  to = put_digits(put(to, ":"), whole(clock.seconds().count()), 2);
  put(to, " GMT");
  return text;
}

std::string_view DateLine::at(TimePoint now) noexcept {
  if (now >= valid_until_) {
    const WallTime wall = clock_.wall();
    const auto second = std::chrono::floor<std::chrono::seconds>(wall);
    const std::array<char, 29> date = imf_fixdate(wall);
    put(put(put(line_.data(), "date: "), {date.data(), date.size()}), "\r\n");
    valid_until_ = now + (second + std::chrono::seconds{1} - wall);
  }
  return {line_.data(), line_.size()};
}

}  // namespace relay::net
