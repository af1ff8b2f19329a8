#include "claude/json_scan.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "claude/json_reader.h"
#include "claude/json_skip.h"

namespace relay::claude {
namespace {

// Those that this processor can run.
std::vector<const JsonScanner*> scanners() {
  std::vector<const JsonScanner*> scanners;
  const auto add = [&](std::string_view needed, const JsonScanner* scanner) {
    const auto* const seen = simdjson::get_available_implementations()[std::string{needed}];
    const bool is_supported = seen != nullptr && seen->supported_by_runtime_system();
    if (is_supported && scanner != nullptr) scanners.push_back(scanner);
  };
  add("westmere", ssse3_json_scanner());
  add("haswell", avx2_json_scanner());
  return scanners;
}

// What is usual in JSON and what is wrong in it, one behind the other.
std::string array_of_pieces(std::mt19937& random) {
  static constexpr std::array<std::string_view, 40> pieces = {"{",
                                                              "}",
                                                              "[",
                                                              "]",
                                                              ",",
                                                              ":",
                                                              "\"",
                                                              "\"",
                                                              "\"a\":",
                                                              "\"b\",",
                                                              "\\",
                                                              "\\\\",
                                                              "\\\"",
                                                              "\\n",
                                                              "\\u00e9",
                                                              "\\uD83D\\uDE00",
                                                              "\\u12",
                                                              "\\x",
                                                              "0",
                                                              "-1.5e3",
                                                              "true",
                                                              "null",
                                                              "nul",
                                                              " ",
                                                              "\n",
                                                              "\t",
                                                              "x",
                                                              "some words ",
                                                              "\x1f",
                                                              "\x7f",
                                                              "\x0c",
                                                              "\x1a",
                                                              "\xc3\xa9",
                                                              "\xff",
                                                              "/",
                                                              "[]",
                                                              "{}",
                                                              "\"\"",
                                                              "{\"a\":[1,\"b\"]}",
                                                              "                                "};
  std::string json = "[";
  const std::size_t count = random() % 40;
  for (std::size_t n = 0; n < count; ++n) json += pieces[random() % pieces.size()];
  return json + "]";
}

std::string value(std::mt19937& random, int depth) {
  const std::string filling(random() % 100, 'x');
  switch (random() % (depth < 5 ? 7 : 5)) {
    case 0: return "\"" + filling + R"(\n\\\")" + filling + "\"";
    case 1: return "\"" + filling + R"(\u00e9\\)" + "\"";
    case 2: return "-1.5e3";
    case 3: return "null";
    case 4: return "\"\"";
    case 5: return "[" + value(random, depth + 1) + ", " + value(random, depth + 1) + "]";
    default: return "{\"a\" :" + value(random, depth + 1) + ",\"\\\"b\":\t[]}";
  }
}

// Mostly JSON: at most one byte of it was changed.
std::string damaged_array(std::mt19937& random) {
  static constexpr std::string_view bytes = "{}[],:\"\\\"\\ \n0-eux\x1f\xff";
  std::string json = "[" + value(random, 0) + "," + value(random, 0) + "]";
  if (random() % 2 == 0) json[1 + random() % (json.size() - 1)] = bytes[random() % bytes.size()];
  return json;
}

// Strings of several blocks: text and escapes, and perhaps one that is none, or a bad byte.
std::string array_of_long_text(std::mt19937& random) {
  static constexpr std::array<std::string_view, 7> escapes = {
      R"(\n)", R"(\")", R"(\\)", R"(\t)", R"(\u00e9)", R"(\/)", "\"a\",\""};
  static constexpr std::array<std::string_view, 6> wrong = {R"(\x)", R"(\u00)", "\n",
                                                            "\x1f",  R"(\)",    "\""};
  std::string json = "[\"";
  const std::size_t count = random() % 12;
  for (std::size_t n = 0; n < count; ++n) {
    json += std::string(random() % 100, 'x');
    json += escapes[random() % escapes.size()];
  }
  if (random() % 2 == 0) json += wrong[random() % wrong.size()];
  return json + std::string(random() % 200, 'x') + "\"]";
}

constexpr OpenContainers one_array{.kinds = 0, .depth = 1};

// Where the array ends that the text begins with, if it does: by the slow way.
const char* end_by_tokens(std::string_view json) {
  JsonReader reader{json};
  JsonReader::Token token = reader.next();
  while (reader.depth() > 0 && token != JsonReader::Token::more &&
         token != JsonReader::Token::invalid) {
    token = reader.next();
  }
  return reader.depth() == 0 ? json.data() + reader.position() : nullptr;
}

class JsonScannerTest : public testing::Test {
 protected:
  void SetUp() override {
    seed_ = std::random_device{}();
    random_.seed(seed_);
  }

  // `size` bytes of blanks in front move the text past the borders of blocks.
  void expect_all_agree(const std::string& json, std::size_t indent) {
    const std::string indented = "[" + std::string(indent, ' ') + json.substr(1);
    const std::string_view text = indented;
    const char* const end = text.data() + text.size();
    const char* const expected = end_by_tokens(text);
    ASSERT_EQ(skip_container(text.data() + 1, end, one_array, nullptr), expected) << context(text);
    for (const JsonScanner* scanner : scanners()) {
      ASSERT_EQ(skip_container(text.data() + 1, end, one_array, scanner), expected)
          << context(text);
    }
  }

  std::string context(std::string_view text) const {
    return "seed " + std::to_string(seed_) + ": " + std::string{text};
  }

  unsigned seed_ = 0;
  std::mt19937 random_;
};

TEST_F(JsonScannerTest, FindsTheSameInAnythingAtEveryAlignment) {
  for (int round = 0; round < 300; ++round) {
    const std::string json = array_of_pieces(random_);
    for (std::size_t indent = 0; indent < 64 && !HasFatalFailure(); ++indent) {
      expect_all_agree(json, indent);
    }
  }
}

TEST_F(JsonScannerTest, FindsTheSameInNearlyJsonAtEveryAlignment) {
  for (int round = 0; round < 300; ++round) {
    const std::string json = damaged_array(random_);
    for (std::size_t indent = 0; indent < 64 && !HasFatalFailure(); ++indent) {
      expect_all_agree(json, indent);
    }
  }
}

TEST_F(JsonScannerTest, FindsTheSameInLongTextAtEveryAlignment) {
  for (int round = 0; round < 300; ++round) {
    const std::string json = array_of_long_text(random_);
    for (std::size_t indent = 0; indent < 64 && !HasFatalFailure(); ++indent) {
      expect_all_agree(json, indent);
    }
  }
}

// Runs of backslashes of every length, at every distance from the end of a block.
TEST_F(JsonScannerTest, KnowsWhichQuoteIsEscapedBehindEveryRunOfBackslashes) {
  for (std::size_t run = 0; run < 140 && !HasFatalFailure(); ++run) {
    const std::string json = "[\"" + std::string(run, '\\') + "\", \"n\"]";
    for (std::size_t indent = 0; indent < 64; ++indent) expect_all_agree(json, indent);
  }
}

TEST_F(JsonScannerTest, TakesNothingBehindTheEndIntoAccount) {
  const std::string json = R"(["some \u00e9 text", {"a": -1.5, "b": [true]}])";
  for (std::size_t size = 1; size <= json.size() && !HasFatalFailure(); ++size) {
    for (std::size_t indent = 0; indent < 64; ++indent) {
      expect_all_agree(json.substr(0, size), indent);
    }
  }
}

}  // namespace
}  // namespace relay::claude
