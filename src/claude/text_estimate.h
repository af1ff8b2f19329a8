#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/frame_pool.h"
#include "base/limits.h"
#include "core/usage.h"

namespace relay::claude {

// Counts the tokens of a text: see tokenizer.h.
using CountTokens = core::TokenCount (*)(std::string_view text);

// How many tokens a text may be that went past, where nobody counted them. Keeps its length and its
// first limits::estimate_sample_bytes; the sample is tokenized and the rest taken to be like it.
//
// Text is added as it stands in JSON, between its quotes.
class TextEstimate {
 public:
  void add(std::string_view raw);

  // Text of which only the length is known.
  void add_unseen(std::size_t bytes) noexcept { bytes_ += bytes; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  // Four bytes a token. Cheap, for marks on the way.
  [[nodiscard]] core::TokenCount rough_tokens() const noexcept;

  [[nodiscard]] core::TokenCount tokens(CountTokens count) const;

 private:
  // Taken from the frame pool: there is one for every exchange.
  struct Sample {
    static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept {
      free_frame(memory, bytes);
    }
    std::size_t size = 0;
    std::array<char, limits::estimate_sample_bytes> bytes;
  };
  [[nodiscard]] std::string_view sample() const noexcept;

  std::size_t bytes_ = 0;
  std::unique_ptr<Sample> sample_;  // Once there is text.
};

}  // namespace relay::claude
