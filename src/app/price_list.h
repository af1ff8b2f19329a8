#pragma once

#include <span>
#include <string>

#include "core/price.h"

namespace relay::app {

// Rows of prices as a table for a terminal. Safe to show, whatever somebody has written into them.
std::string price_list(std::span<const core::PriceRow> rows);

}  // namespace relay::app
