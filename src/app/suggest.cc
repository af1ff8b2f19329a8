#include "app/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace relay::app {
namespace {

// Insertions, deletions, replacements and swaps of neighbours that make b of a.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

constexpr std::size_t word_bytes_max = 64;  // Nobody misspells a longer one.

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string> known) {
  if (word.size() > word_bytes_max) return {};
  const std::string* best = nullptr;
  std::size_t fewest = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& each : known) {
    const std::size_t count = edits(word, each);
    if (count < fewest) {
      fewest = count;
      best = &each;
    }
  }
  return best == nullptr ? std::string{} : fmt::format("; did you mean '{}'?", *best);
}

}  // namespace relay::app
