#pragma once

#include <cstddef>
#include <string>
#include <string_view>

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
  std::size_t bytes_ = 0;
  std::string sample_;
};

}  // namespace relay::claude
