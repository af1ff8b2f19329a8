#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "claude/tokenizer.h"

namespace relay::claude {

// The tokens of an encoding. The rank of a token is its number and its precedence when bytes are
// merged: the lowest goes first.
//
// Immutable. The tokens lie in the binary; the index over them takes 1.5 MB of memory for
// cl100k_base and 2.9 MB for o200k_base.
class Vocabulary {
 public:
  // Built at the first call for an encoding and kept for the life of the process. Thread-safe.
  static const Vocabulary& of(Encoding encoding);

  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  // The rank of the token made of exactly these bytes. Every single byte is a token.
  [[nodiscard]] std::optional<std::uint32_t> rank(std::string_view bytes) const noexcept;

  // The bytes of a token. Requires: rank < size().
  [[nodiscard]] std::string_view token(std::uint32_t rank) const noexcept;

  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(offsets_.size() - 1);
  }

 private:
  explicit Vocabulary(std::string_view packed);  // As vocabulary/pack.mjs packs it.

  const char* bytes_;                   // All tokens, in the order of their ranks.
  std::vector<std::uint32_t> offsets_;  // Into bytes_: where each token begins, and the end.
  std::vector<std::uint32_t> slots_;    // Open addressing: fingerprint and rank. A power of two.
  std::size_t token_bytes_max_ = 0;
};

}  // namespace relay::claude
