#include "store/ledger_place.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/mix.h"

namespace relay::store {
namespace {

constexpr int place_bits = 20;  // Of the places in one millisecond.
constexpr int moment_bits = place_bits + 7;
constexpr Place places = Place{1} << place_bits;
constexpr std::int64_t last_time = (std::int64_t{1} << (62 - place_bits)) - 1;

static_assert(std::endian::native == std::endian::little, "hashes are on disk");

// At most 8 of them.
std::uint64_t number_of(std::string_view bytes) noexcept {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

std::uint64_t hash_of(std::string_view bytes) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  std::uint64_t hash = bytes.size();
  for (; bytes.size() > step; bytes.remove_prefix(step)) {
    hash = mix(hash ^ number_of(bytes.substr(0, step)));
  }
  return mix(hash ^ number_of(bytes));
}

Place bits_of(std::string_view name) noexcept {
  return static_cast<Place>(hash_of(name) % static_cast<std::uint64_t>(places));
}

}  // namespace

Place first_place(WallTime started) noexcept {
  return std::clamp(started.time_since_epoch().count(), -last_time, last_time) * places;
}

Place begin_of_millisecond(Place place) noexcept {
  return place & ~(places - 1);
}

Place end_of_millisecond(Place place) noexcept {
  return begin_of_millisecond(place) + places;
}

Moment moment_of(Place place) noexcept {
  return place >> moment_bits;
}

std::int64_t cost_class(core::NanoUsd cost) noexcept {
  if (cost < 0) return 0;
  std::int64_t digits = cost < 10 ? 1 : 2;
  for (; cost >= 100; cost /= 10) ++digits;
  return digits * 100 + cost;
}

Place clue_to(WallTime started, std::string_view name) noexcept {
  return first_place(started) + bits_of(name);
}

NameBits::NameBits(std::string_view name) noexcept : bits_{bits_of(name)} {
}

bool NameBits::are_in(Place clue) const noexcept {
  return (clue & (places - 1)) == bits_;
}

}  // namespace relay::store
