#include "claude/tokenizer_merge.h"

#include <algorithm>
#include <cassert>
#include <functional>

#include "base/limits.h"

namespace relay::claude {
namespace {

constexpr std::uint32_t no_pair = ~0U;

}  // namespace

const std::vector<std::uint32_t>& Merge::tokens(std::string_view piece) {
  assert(!piece.empty() && piece.size() <= limits::token_piece_bytes_max);
  begin(piece);
  while (!candidates_.empty()) {
    const auto at = static_cast<std::uint32_t>(candidates_.front());
    const auto rank = static_cast<std::uint32_t>(candidates_.front() >> 32);
    std::ranges::pop_heap(candidates_, std::greater{});
    candidates_.pop_back();
    if (parts_[at].pair_rank == rank) join(piece, at);
  }

  tokens_.clear();
  for (std::uint32_t at = 0; at < piece.size(); at = parts_[at].next) {
    tokens_.push_back(parts_[at].rank);
  }
  return tokens_;
}

void Merge::begin(std::string_view piece) {
  parts_.resize(piece.size());
  candidates_.clear();
  for (std::uint32_t at = 0; at < piece.size(); ++at) {
    parts_[at] = {at + 1, at - 1, *vocabulary_.rank(piece.substr(at, 1)), no_pair};
  }
  for (std::uint32_t at = 0; at < piece.size(); ++at) pair(piece, at);
  std::ranges::make_heap(candidates_, std::greater{});
}

void Merge::join(std::string_view piece, std::uint32_t at) {
  Part& left = parts_[at];
  Part& right = parts_[left.next];
  left.rank = left.pair_rank;
  left.next = right.next;
  right.pair_rank = no_pair;
  if (left.next < piece.size()) parts_[left.next].previous = at;

  if (pair(piece, at)) std::ranges::push_heap(candidates_, std::greater{});
  if (at > 0 && pair(piece, left.previous)) std::ranges::push_heap(candidates_, std::greater{});
}

bool Merge::pair(std::string_view piece, std::uint32_t at) {
  Part& part = parts_[at];
  part.pair_rank = no_pair;
  if (part.next == piece.size()) return false;
  const std::uint32_t end = parts_[part.next].next;
  const auto rank = vocabulary_.rank(piece.substr(at, end - at));
  if (!rank) return false;
  part.pair_rank = *rank;
  candidates_.push_back(Candidate{*rank} << 32 | at);
  return true;
}

}  // namespace relay::claude
