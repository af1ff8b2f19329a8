// Compares our tokens with those of js-tiktoken, text by text.
// Usage: tokenizer_equality FILE, as texts.mjs writes it.
#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "claude/tokenizer.h"

namespace {

using relay::claude::Encoding;
using Tokens = std::vector<std::uint32_t>;

constexpr int texts_min = 5'000;
constexpr int reports_max = 5;

// Reads what texts.mjs wrote; throws std::out_of_range where the file breaks off.
class Texts {
 public:
  explicit Texts(std::string bytes) : bytes_{std::move(bytes)} {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) {
      value |= std::uint32_t{static_cast<unsigned char>(bytes_.at(at_++))} << (8 * i);
    }
    return value;
  }
  std::string text() {
    const std::size_t size = number();
    std::string text = bytes_.substr(at_, size);
    at_ += size;
    return text;
  }
  Tokens tokens() {
    Tokens tokens(number());
    for (std::uint32_t& token : tokens) token = number();
    return tokens;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

std::string escaped(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    shown += c >= ' ' && c <= '~' && c != '\\'
                 ? std::string{c}
                 : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return shown;
}

bool is_equal(Encoding encoding, std::string_view text, const Tokens& wanted) {
  return relay::claude::encode(encoding, text) == wanted &&
         relay::claude::count_tokens(encoding, text) == std::ssize(wanted);
}

void report(Encoding encoding, std::string_view text, const Tokens& wanted) {
  const Tokens tokens = relay::claude::encode(encoding, text);
  fmt::print("{}: \"{}\"\n  wanted {}\n  got    {}\n",
             encoding == Encoding::cl100k_base ? "cl100k_base" : "o200k_base", escaped(text),
             fmt::join(wanted, " "), fmt::join(tokens, " "));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file{argv[1], std::ios::binary};
  Texts texts{std::string{std::istreambuf_iterator<char>{file}, {}}};
  const std::uint32_t seed = texts.number();
  int count = 0;
  int different = 0;
  while (!texts.at_end()) {
    const Encoding encoding = texts.number() == 0 ? Encoding::cl100k_base : Encoding::o200k_base;
    const std::string text = texts.text();
    const Tokens wanted = texts.tokens();
    ++count;
    if (is_equal(encoding, text, wanted)) continue;
    if (++different <= reports_max) report(encoding, text, wanted);
  }
  fmt::print("{} texts, {} of them different, seed {}\n", count, different, seed);
  return count < texts_min || different > 0 ? 1 : 0;
}
