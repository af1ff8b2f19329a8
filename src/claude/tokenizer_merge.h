#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "claude/tokenizer_vocabulary.h"

namespace relay::claude {

// Byte pair encoding of one piece: while two neighbours together are a token, the pair of the
// lowest rank becomes one, the leftmost where several have it.
//
// Keeps its memory from piece to piece, some 30 bytes for each of the longest one. Takes time
// proportional to n log n for a piece of n bytes, whatever they are.
class Merge {
 public:
  explicit Merge(const Vocabulary& vocabulary) noexcept : vocabulary_{vocabulary} {}

  // The tokens of `piece`, valid until the next call.
  // Requires: 1 <= piece.size() <= limits::token_piece_bytes_max.
  const std::vector<std::uint32_t>& tokens(std::string_view piece);

 private:
  // Neighbours that may become one, in the order in which they do: the rank in the upper half, the
  // position of the left one in the lower.
  using Candidate = std::uint64_t;

  // A token that begins at this position of the piece, in a list of those that stand.
  struct Part {
    std::uint32_t next;      // Where it ends.
    std::uint32_t previous;  // Where the one before it begins.
    std::uint32_t rank;
    std::uint32_t pair_rank;  // Of it together with the next one.
  };

  void begin(std::string_view piece);
  void join(std::string_view piece, std::uint32_t at);
  // Looks up what the part at `at` and the next one are together.
  bool pair(std::string_view piece, std::uint32_t at);

  const Vocabulary& vocabulary_;
  std::vector<Part> parts_;
  std::vector<Candidate> candidates_;  // A heap, lowest first. May hold pairs that are no more.
  std::vector<std::uint32_t> tokens_;
};

}  // namespace relay::claude
