// Compares our pieces and tokens with those of js-tiktoken, text by text.
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
#include "claude/tokenizer_characters.h"
#include "claude/tokenizer_pieces.h"

namespace {

using relay::claude::Encoding;
using Numbers = std::vector<std::uint32_t>;

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
  Numbers list() {
    Numbers values(number());
    for (std::uint32_t& value : values) value = number();
    return values;
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

struct Parts {
  Numbers piece_bytes;
  Numbers tokens;
  friend bool operator==(const Parts&, const Parts&) = default;
};

Parts parts_of(Encoding encoding, std::string_view text) {
  Parts parts{.tokens = relay::claude::encode(encoding, text)};
  const std::string valid = relay::claude::replace_invalid(text);
  for (std::string_view rest = valid; !rest.empty(); rest.remove_prefix(parts.piece_bytes.back())) {
    const std::size_t bytes = relay::claude::first_piece_bytes(encoding, rest);
    parts.piece_bytes.push_back(static_cast<std::uint32_t>(bytes));
  }
  return parts;
}

void report(Encoding encoding, std::string_view text, const Parts& wanted, const Parts& got) {
  fmt::print("{}: \"{}\"\n", encoding == Encoding::cl100k_base ? "cl100k_base" : "o200k_base",
             escaped(text));
  for (const Parts* parts : {&wanted, &got}) {
    fmt::print("  {} pieces of {} bytes; tokens {}\n", parts == &wanted ? "wanted" : "got",
               fmt::join(parts->piece_bytes, " "), fmt::join(parts->tokens, " "));
  }
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
    Parts wanted;
    wanted.piece_bytes = texts.list();
    wanted.tokens = texts.list();
    ++count;
    const Parts got = parts_of(encoding, text);
    if (got == wanted && relay::claude::count_tokens(encoding, text) == std::ssize(wanted.tokens)) {
      continue;
    }
    if (++different <= reports_max) report(encoding, text, wanted, got);
  }
  fmt::print("{} texts, {} of them different, seed {}\n", count, different, seed);
  return count < texts_min || different > 0 ? 1 : 0;
}
