#include "claude/json_reader.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/limits.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;

// The tokens of `pieces` on one line, for comparison.
std::string read(std::initializer_list<std::string_view> pieces, JsonReader reader = {}) {
  std::string line;
  for (const std::string_view piece : pieces) {
    reader.feed(piece);
    for (Token token = reader.next(); token != Token::more; token = reader.next()) {
      if (token == Token::invalid) return line + "!";
      const std::string text{reader.text()};
      switch (token) {
        case Token::object: line += "{"; break;
        case Token::object_end: line += "}"; break;
        case Token::array: line += "["; break;
        case Token::array_end: line += "]"; break;
        case Token::name: line += text + "="; break;
        case Token::string: line += "'" + text + "' "; break;
        case Token::number: line += text + " "; break;
        case Token::true_: line += "true "; break;
        case Token::false_: line += "false "; break;
        case Token::null: line += "null "; break;
        case Token::more:
        case Token::invalid: break;
      }
    }
  }
  return line + (reader.is_complete() ? "" : "...");
}

constexpr std::string_view sample =
    R"( {"a" : [1, -2.5e+3, "x\"\u00e9y", true,false , null], "b":{}, "c":[],"long name":[[{"d":0}]]} )";
constexpr std::string_view sample_tokens =
    R"({a=[1 -2.5e+3 'x\"\u00e9y' true false null ]b={}c=[]long name=[[{d=0 }]]})";

TEST(JsonReader, ReadsEveryKindOfToken) {
  EXPECT_EQ(read({sample}), sample_tokens);
}

TEST(JsonReader, ReadsTheSameWhereverTheTextIsCut) {
  for (std::size_t cut = 0; cut <= sample.size(); ++cut) {
    EXPECT_EQ(read({sample.substr(0, cut), sample.substr(cut)}), sample_tokens) << cut;
    for (std::size_t next = cut; next <= sample.size(); ++next) {
      EXPECT_EQ(read({sample.substr(0, cut), sample.substr(cut, next - cut), sample.substr(next)}),
                sample_tokens);
    }
  }
}

TEST(JsonReader, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"{]",          "[}",          "{,}",           "[,]",           "[1,]",      "{\"a\"}",
        "{\"a\":}",    "{\"a\":1,}",  "{a:1}",         "[1 2]",         "{\"a\" 1}", "[NaN]",
        "[Infinity]",  "[-]",         "[01]",          "[1.]",          "[.5]",      "[1e]",
        "[+1]",        "[1e+]",       "[0x10]",        "[tru]",         "[True]",    "[nulll]",
        "[\"\\x41\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"a\nb\"]",    "{} x",      "{}{}",
        "[1]]",        "/**/{}",      "['a']",         "\xEF\xBB\xBF{}"}) {
    EXPECT_TRUE(read({text}).ends_with('!')) << text << " " << read({text});
  }
}

TEST(JsonReader, WaitsForTheRestOfWhatIsCutOff) {
  for (const std::string_view text : {"", "{", "[1", "[\"a", "{\"a\"", "{\"a\":", "[tr"}) {
    EXPECT_TRUE(read({text}).ends_with("...")) << text;
  }
}

// Models break surrogate pairs; what they wrote is sent back to the API in the next request.
TEST(JsonReader, TakesHalfASurrogatePair) {
  EXPECT_EQ(read({R"(["\ud800"])"}), R"(['\ud800' ])");
}

TEST(JsonReader, NestsAsDeeplyAsItsLimit) {
  const std::string deepest(limits::json_depth_max, '[');
  EXPECT_EQ(read({deepest + std::string(limits::json_depth_max, ']')}),
            deepest + std::string(limits::json_depth_max, ']'));
  JsonReader reader{deepest};
  while (reader.next() != Token::more) {
  }
  EXPECT_EQ(reader.depth(), static_cast<int>(limits::json_depth_max));
  reader.feed("[");
  EXPECT_EQ(reader.next(), Token::invalid);
  EXPECT_TRUE(reader.is_too_deep());
}

TEST(JsonReader, PassesOverWhatIsDeeperWhereItIsToldTo) {
  const std::string deep =
      std::string(100, '[') + R"("]\"\\",[{"x":"}"},[]],1)" + std::string(100, ']');
  const std::string outer(limits::json_depth_max - 1, '[');
  const std::string outer_end(limits::json_depth_max - 1, ']');
  const std::string json = outer + '[' + deep + ',' + deep + R"(,"y"],7)" + outer_end;
  const std::string tokens = outer + "['y' ]7 " + outer_end;
  for (std::size_t cut = 0; cut <= json.size(); ++cut) {
    const std::string_view whole{json};
    EXPECT_EQ(read({whole.substr(0, cut), whole.substr(cut)}, JsonReader::of_any_depth()), tokens);
  }
  EXPECT_EQ(read({outer + "[" + deep + "}"}, JsonReader::of_any_depth()), outer + "[!");
}

// The same answer whether the text came whole or not, and never more memory than the limit.
TEST(JsonReader, HidesATextThatIsTooLong) {
  const std::string longest(limits::json_token_bytes_max, 'x');
  for (const std::string& text : {longest, longest + "x", longest + longest}) {
    for (const std::size_t cut : {std::size_t{1}, std::size_t{5}, text.size()}) {
      JsonReader reader;
      const std::string json = "[\"" + text + "\"]";
      reader.feed(std::string_view{json}.substr(0, cut));
      while (reader.next() != Token::more) {
      }
      reader.feed(std::string_view{json}.substr(cut));
      Token token = reader.next();
      if (token == Token::array) token = reader.next();
      ASSERT_EQ(token, Token::string);
      EXPECT_EQ(reader.is_text_too_long(), text.size() > longest.size());
      EXPECT_EQ(reader.text(), text.size() > longest.size() ? "" : longest);
      EXPECT_EQ(reader.position() - reader.token_begin(), text.size() + 2);
    }
  }
}

TEST(JsonReader, FindsTheEndOfALongTextAtEveryDistance) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(read({"[\"" + text + "\"]"}), "['" + text + "' ]");
    EXPECT_TRUE(read({"[\"" + text + "\x1f\"]"}).ends_with('!'));
  }
}

TEST(JsonReader, SeesThroughEscapes) {
  JsonReader reader{R"(["m\u006fdel", "model", "models"])"};
  ASSERT_EQ(reader.next(), Token::array);
  for (const bool is_model : {true, true, false}) {
    ASSERT_EQ(reader.next(), Token::string);
    EXPECT_EQ(reader.is_text("model"), is_model);
    EXPECT_EQ(reader.plain_text() == "model", is_model);
  }
}

TEST(JsonReader, NamesMembersWithoutTheirEscapes) {
  JsonReader reader{R"({"m\u006fdel":1,"b":2})"};
  ASSERT_EQ(reader.next(), Token::object);
  std::string names;
  EXPECT_TRUE(each_member(reader, [&](std::string_view name, Token first) {
    names += name;
    return skip_value(reader, first);
  }));
  EXPECT_EQ(names, "modelb");
}

TEST(JsonReader, SkipsAValue) {
  JsonReader reader{R"({"a":{"b":[1,{"c":2}]},"d":3})"};
  ASSERT_EQ(reader.next(), Token::object);
  std::string names;
  EXPECT_TRUE(each_member(reader, [&](std::string_view name, Token first) {
    names += name;
    return skip_value(reader, first);
  }));
  EXPECT_EQ(names, "ad");
  EXPECT_TRUE(reader.is_complete());
}

// Where a whole array or object ends, if it does: token by token, or at once.
std::optional<std::size_t> end_by_tokens(std::string_view json) {
  JsonReader reader{json};
  Token token = reader.next();
  while (reader.depth() > 0 && token != Token::more && token != Token::invalid) {
    token = reader.next();
  }
  return reader.depth() == 0 ? std::optional{reader.position()} : std::nullopt;
}
std::optional<std::size_t> end_at_once(std::string_view json) {
  JsonReader reader{json};
  static_cast<void>(reader.next());
  return reader.skip_opened() ? std::optional{reader.position()} : std::nullopt;
}

TEST(JsonReader, GoesAtOnceToWhereReadingTokensLeads) {
  constexpr std::string_view json =
      R"({"a" : [1, -2.5e+3, "x\"\u00e9y", true,false , null], "b":{}, "c":[], "d":[[{"e":0}]]})";
  ASSERT_EQ(end_at_once(json), json.size());
  for (std::size_t at = 1; at < json.size(); ++at) {
    EXPECT_EQ(end_at_once(json.substr(0, at)), std::nullopt);
    for (const char c : std::string_view{"{}[],:\"\\ 0e-tx\x1f"}) {
      std::string changed{json};
      changed[at] = c;
      EXPECT_EQ(end_at_once(changed), end_by_tokens(changed)) << changed;
    }
  }
}

}  // namespace
}  // namespace relay::claude
