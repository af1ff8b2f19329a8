#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "store/ledger_place.h"

// Clues as bytes, 8 each: the `clues` of ledger_requests.
namespace relay::store {

// Nothing for a request that has no name.
void append_clue(std::vector<std::uint8_t>& clues, WallTime started, std::string_view name);

// Appends to `found` those of `clues` that may be of `name`.
void find_clues(std::span<const std::uint8_t> clues, std::string_view name,
                std::vector<Place>& found);

}  // namespace relay::store
