#pragma once

#include <cstddef>
#include <cstdint>
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
  TextEstimate() noexcept = default;
  TextEstimate(const TextEstimate&) = delete;
  TextEstimate& operator=(const TextEstimate&) = delete;
  ~TextEstimate() { free_sample(); }

  void add(std::string_view raw);

  // Text of which only the length is known.
  void add_unseen(std::size_t bytes) noexcept { bytes_ += bytes; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  // Four bytes a token. Cheap, for marks on the way.
  [[nodiscard]] core::TokenCount rough_tokens() const noexcept;

  [[nodiscard]] core::TokenCount tokens(CountTokens count) const;

 private:
  [[nodiscard]] std::string_view sample() const noexcept { return {sample_, sample_bytes_}; }
  void grow_sample();
  void free_sample() noexcept;

  // The sample is taken from the frame pool: there is one for every exchange. It grows with the
  // text, because many streams are open that have hardly begun.
  std::size_t bytes_ = 0;
  char* sample_ = nullptr;
  std::uint32_t sample_bytes_ = 0;
  std::uint32_t sample_bytes_max_ = 0;
};

}  // namespace relay::claude
