#include "base/log_line.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "base/limits.h"

namespace relay {
namespace {

using nlohmann::json;

constexpr WallTime noon{std::chrono::milliseconds{1'795'348'800'123}};

LogLine info(std::string_view message, const std::vector<LogField>& fields) {
  return {noon, LogLevel::info, message, fields};
}

std::string json_text(std::string_view message, const std::vector<LogField>& fields) {
  return std::string{json_line(info(message, fields)).bytes};
}

std::string logfmt_text(std::string_view message, const std::vector<LogField>& fields) {
  return std::string{logfmt_line(info(message, fields)).bytes};
}

std::string text_in_json(std::string_view text) {
  return json::parse(json_text("m", {{"f", text}}))["f"].get<std::string>();
}

TEST(LogLine, IsOneLineOfJson) {
  EXPECT_EQ(json_text("key created", {{"key_id", 7}, {"name", "a b"}, {"ok", true}, {"ms", 1.5}}),
            "{\"ts\":\"2026-11-22T12:00:00.123Z\",\"level\":\"info\",\"msg\":\"key created\","
            "\"key_id\":7,\"name\":\"a b\",\"ok\":true,\"ms\":1.5}\n");
}

TEST(LogLine, IsLogfmtForPeople) {
  EXPECT_EQ(logfmt_text("key created", {{"key_id", 7}, {"name", "a b"}, {"model", "claude-x"}}),
            "ts=2026-11-22T12:00:00.123Z level=info msg=\"key created\" key_id=7 name=\"a b\" "
            "model=claude-x\n");
}

TEST(LogLine, SaysWhenItIsAnAccessLine) {
  const WrittenLine line = json_line({noon, LogLevel::info, "exchange", {}, true});
  EXPECT_EQ(json::parse(line.bytes)["level"], "access");
}

TEST(LogLine, EscapesWhatCouldForgeALineOrMoveACursor) {
  const std::string hostile = "\n\r\t\x1b[2J\x7f\"\\\u009b\u2028\u2029\u202e";
  EXPECT_EQ(text_in_json(hostile), hostile);
  const std::string line = json_text("m", {{"f", hostile}});
  for (const char byte : line.substr(0, line.size() - 1)) {
    EXPECT_TRUE(byte >= 0x20 && byte < 0x7f) << static_cast<int>(byte);
  }
}

TEST(LogLine, KeepsTextOfOtherLanguages) {
  const std::string line = json_text("m", {{"f", "\u5bc6\u94a5 \U0001f600"}});
  EXPECT_NE(line.find("\u5bc6\u94a5 \U0001f600"), std::string::npos);
}

TEST(LogLine, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(text_in_json("a\xff\xc3z"), "a\ufffd\ufffdz");
}

TEST(LogLine, CutsLongFieldsBetweenCodePoints) {
  std::string text(255, 'a');
  text += "\u4e2d and more";
  EXPECT_EQ(text_in_json(text), std::string(255, 'a'));
}

TEST(LogLine, HasNullForNumbersThatJsonCannotSay) {
  EXPECT_TRUE(json::parse(json_text("m", {{"f", std::nan("")}}))["f"].is_null());
}

TEST(LogLine, RepeatsWhatIsTextAsItIsWritten) {
  const std::string text = "\"\x1b" + std::string(100, 'a');
  const std::vector<LogField> fields = {{"n", 7}, {"f", text}, {"ok", true}, {"g", "b"}};
  const std::string escaped = R"("\"\u001b)" + std::string(100, 'a') + '"';
  EXPECT_EQ(json_line(info("m", fields)).texts, "\"m\"" + escaped + "\"b\"");
  EXPECT_EQ(logfmt_line(info("m", fields)).texts, "\"m\"" + escaped + "b");
}

TEST(LogLine, SaysWhenATextWasCut) {
  const std::string longest(limits::log_field_bytes_max, 'a');
  const std::string longer = longest + 'a';
  EXPECT_FALSE(json_line(info("m", {{"f", longest}})).is_cut);
  EXPECT_TRUE(json_line(info("m", {{"f", longer}})).is_cut);
}

TEST(LogLine, ShowsNoSecret) {
  const Secret secret{"hunter2hunter2"};
  EXPECT_EQ(json::parse(json_text("m", {{"f", secret}}))["f"], "[secret]");
}

TEST(LogLine, QuotesInLogfmtWhatIsNotAWord) {
  EXPECT_NE(logfmt_text("m", {{"f", ""}}).find("f=\"\""), std::string::npos);
  EXPECT_NE(logfmt_text("m", {{"f", "a=b"}}).find("f=\"a=b\""), std::string::npos);
  EXPECT_NE(logfmt_text("m", {{"f", "a\nb"}}).find("f=\"a\\nb\""), std::string::npos);
}

// Bytes at random, with a preference for those that matter.
std::string random_text(std::mt19937& random) {
  static constexpr std::string_view spicy = "\"\\\n\r\t\x1b\x7f\xc2\x80\xe2\x80\xa8\xff{},:=";
  std::string text(random() % 400, '\0');
  for (char& byte : text) {
    byte = random() % 2 == 0 ? spicy[random() % spicy.size()] : static_cast<char>(random() & 0xff);
  }
  return text;
}

TEST(LogLine, ParsesWhateverItHolds) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random{seed};
  for (int i = 0; i < 3'000; ++i) {
    const std::string message = random_text(random);
    const std::string text = random_text(random);
    const std::string line = json_text(message, {{"text", text}, {"n", i}});
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    const json parsed = json::parse(line);
    ASSERT_EQ(parsed["level"], "info");
    ASSERT_EQ(parsed["n"], i);
    ASSERT_EQ(parsed.size(), 5U);
    const std::string logfmt = logfmt_text(message, {{"text", text}, {"n", i}});
    ASSERT_EQ(logfmt.find('\n'), logfmt.size() - 1);
  }
}

}  // namespace
}  // namespace relay
