#include "store/ledger_clues.h"

#include <bit>

namespace relay::store {
namespace {

constexpr std::size_t clue_bytes = 8;
static_assert(std::endian::native == std::endian::little, "clues are on disk");

Place clue_at(const std::uint8_t* bytes) noexcept {
  std::uint64_t clue = 0;
  for (std::size_t i = 0; i < clue_bytes; ++i) clue |= std::uint64_t{bytes[i]} << (8 * i);
  return static_cast<Place>(clue);
}

}  // namespace

void append_clue(std::vector<std::uint8_t>& clues, WallTime started, std::string_view name) {
  if (name.empty()) return;
  const auto clue = static_cast<std::uint64_t>(clue_to(started, name));
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&clue);
  clues.insert(clues.end(), bytes, bytes + clue_bytes);
}

void find_clues(std::span<const std::uint8_t> clues, std::string_view name,
                std::vector<Place>& found) {
  const NameBits wanted{name};
  for (; clues.size() >= clue_bytes; clues = clues.subspan(clue_bytes)) {
    const Place clue = clue_at(clues.data());
    if (wanted.are_in(clue)) found.push_back(clue);
  }
}

}  // namespace relay::store
