#include "claude/json_string.h"

#include <gtest/gtest.h>

#include <string>

namespace relay::claude {
namespace {

struct Skipped {
  std::size_t bytes = 0;
  bool has_escapes = false;
  friend bool operator==(const Skipped&, const Skipped&) = default;
};

Skipped skip(std::string_view text) {
  bool has_escapes = false;
  const char* const end = text.data() + text.size();
  const char* const at = skip_text(text.data(), end, has_escapes);
  return {static_cast<std::size_t>(at - text.data()), has_escapes};
}

// Blocks of 64 and of 16 bytes and single bytes meet at every distance.
TEST(SkipText, StopsAtTheClosingQuoteWhereverItIs) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(skip(text + '"'), (Skipped{size, false})) << size;
    EXPECT_EQ(skip(text + "\" and more" + text), (Skipped{size, false})) << size;
    EXPECT_EQ(skip(text), (Skipped{size, false})) << size;
  }
}

TEST(SkipText, GoesOverEscapesWhereverTheyAre) {
  for (const std::string escape :
       {R"(\n)", R"(\")", R"(\\)", R"(\\\")", R"(\u00e9)", R"(\uD83d\uDe00)"}) {
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string text = std::string(size, 'x') + escape;
      EXPECT_EQ(skip(text + "\""), (Skipped{text.size(), true})) << text;
      EXPECT_EQ(skip(text + text + "\"" + text), (Skipped{2 * text.size(), true})) << text;
    }
  }
}

TEST(SkipText, StopsAtWhatIsNoEscapeOrNotAllThere) {
  for (const std::string escape : {R"(\)", R"(\x)", R"(\u)", R"(\u12)", R"(\u12g4)", R"(\u123")"}) {
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string text(size, 'x');
      EXPECT_EQ(skip(text + escape).bytes, size) << text + escape;
    }
  }
}

TEST(SkipText, StopsAtControls) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, '\x7f');
    EXPECT_EQ(skip(text + '\x1f' + text), (Skipped{size, false})) << size;
    EXPECT_EQ(skip(text + '\0' + text), (Skipped{size, false})) << size;
  }
}

}  // namespace
}  // namespace relay::claude
