// Tokens are the text again: all of it, with what is not UTF-8 replaced, and as many as counted.
// The first byte chooses the encoding.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "claude/tokenizer.h"
#include "claude/tokenizer_characters.h"
#include "claude/tokenizer_vocabulary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::claude;
  if (size == 0) return 0;
  const Encoding encoding = data[0] % 2 == 0 ? Encoding::cl100k_base : Encoding::o200k_base;
  const std::string_view text{reinterpret_cast<const char*>(data + 1), size - 1};

  const std::vector<std::uint32_t> tokens = encode(encoding, text);
  std::string decoded;
  for (const std::uint32_t token : tokens) decoded += Vocabulary::of(encoding).token(token);
  if (decoded != replace_invalid(text)) std::abort();
  if (count_tokens(encoding, text) != std::ssize(tokens)) std::abort();
  return 0;
}
