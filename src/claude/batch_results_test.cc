#include "claude/batch_results.h"

#include <gtest/gtest.h>

#include <vector>

#include "claude/coded_fixture.h"

namespace relay::claude {
namespace {

std::string answered(const std::string& custom_id, int output, const std::string& text = "Hello") {
  return R"({"custom_id":")" + custom_id +
         R"(","result":{"type":"succeeded","message":{"id":"msg_1","type":"message",)"
         R"("model":"claude-sonnet-5","content":[{"type":"text","text":")" +
         text + R"("}],"stop_reason":"end_turn","usage":{"input_tokens":25,"output_tokens":)" +
         std::to_string(output) + R"(,"service_tier":"batch"}}}})" + "\n";
}
const std::string errored =
    R"({"custom_id":"e","result":{"type":"errored","error":{"type":"error","error":{)"
    R"("type":"invalid_request_error","message":"{\"message\":{\"usage\":1}}"}}}})"
    "\n";
const std::string canceled = R"({"custom_id":"c","result":{"type":"canceled"}})"
                             "\n";

// All that is owed by `text`, which comes in pieces of so many bytes.
std::vector<BatchResult> results_of(BatchResults& results, std::string_view text,
                                    std::size_t piece_bytes = std::string_view::npos) {
  std::vector<BatchResult> all;
  while (!text.empty()) {
    const std::string piece{text.substr(0, piece_bytes)};  // So that sanitizers see its bounds.
    text.remove_prefix(piece.size());
    results.feed(piece);
    while (auto result = results.next()) all.push_back(std::move(*result));
  }
  return all;
}
std::vector<BatchResult> results_of(std::string_view text) {
  BatchResults results;
  return results_of(results, text);
}

TEST(BatchResults, OwesWhatEveryAnsweredRequestReports) {
  const auto all = results_of(answered("a", 7) + errored + canceled + answered("b", 9));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].custom_id, "a");
  EXPECT_EQ(all[0].model.view(), "claude-sonnet-5");
  EXPECT_EQ(all[0].usage, (core::Usage{.input = 25, .output = 7}));
  EXPECT_EQ(all[0].terms.tier, core::ServiceTier::batch);
  EXPECT_EQ(all[1].custom_id, "b");
  EXPECT_EQ(all[1].usage, (core::Usage{.input = 25, .output = 9}));
}

TEST(BatchResults, OwesTheSameWhereverTheBytesAreCut) {
  const std::string text =
      answered("a", 7) + errored + answered("n\\u00e9\\n", 8) + canceled + answered("b", 9);
  for (std::size_t piece_bytes = 1; piece_bytes < text.size(); ++piece_bytes) {
    BatchResults results;
    const auto all = results_of(results, text, piece_bytes);
    ASSERT_EQ(all.size(), 3u) << piece_bytes;
    EXPECT_EQ(all[0].usage, (core::Usage{.input = 25, .output = 7})) << piece_bytes;
    EXPECT_EQ(all[1].custom_id, "n\xC3\xA9\n") << piece_bytes;
    EXPECT_EQ(all[1].usage, (core::Usage{.input = 25, .output = 8})) << piece_bytes;
    EXPECT_EQ(all[2].usage, (core::Usage{.input = 25, .output = 9})) << piece_bytes;
    EXPECT_FALSE(results.has_unread_lines());
  }
}

TEST(BatchResults, OwesNothingForWhatIsNotThereWhole) {
  std::string text = answered("a", 7);
  text.pop_back();
  EXPECT_EQ(results_of(text).size(), 1u) << "the last line need not end";
  text.pop_back();
  EXPECT_TRUE(results_of(text).empty());
}

TEST(BatchResults, ReadsALineOfAnyLength) {
  const std::string text = answered("a", 7, std::string(6 * limits::mib, 'x')) + answered("b", 9);
  BatchResults results;
  const auto all = results_of(results, text, 64 * limits::kib);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].usage, (core::Usage{.input = 25, .output = 7}));
}

TEST(BatchResults, ReadsALineOfAnyDepth) {
  std::string line = answered("a", 7);
  line.replace(line.find("[{"), 1, "[" + std::string(200, '[') + std::string(200, ']') + ",");
  const std::string text = line + answered("b", 9);
  for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{64}, text.size()}) {
    BatchResults results;
    const auto all = results_of(results, text, piece_bytes);
    ASSERT_EQ(all.size(), 2u) << piece_bytes;
    EXPECT_EQ(all[0].usage, (core::Usage{.input = 25, .output = 7})) << piece_bytes;
    EXPECT_FALSE(results.has_unread_lines());
  }
}

TEST(BatchResults, TakesNothingAModelWroteForUsage) {
  const std::string text =
      answered("a", 7, R"(\"usage\":{\"output_tokens\":1000}}}\n{\"custom_id\":\"x\")");
  const auto all = results_of(text);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].usage.output, 7);
  EXPECT_TRUE(
      results_of(R"({"custom_id":"a","other":{"message":{"usage":{"output_tokens":1}}}})").empty());
}

TEST(BatchResults, EstimatesWhatIsNotReported) {
  const auto all = results_of(
      R"({"result":{"message":{"content":[{"text":"Some words and more"}]}},"custom_id":"a"})");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].usage.is_estimated);
  EXPECT_GT(all[0].usage.output, 0);
}

TEST(BatchResults, PassesOverWhatCannotBeRead) {
  BatchResults results;
  const auto all =
      results_of(results, "not JSON\n\n\r\n" + answered("a", 7) + R"({"result":{"message":{}}})" +
                              "\n" + answered("b", 9));
  EXPECT_EQ(all.size(), 2u);
  EXPECT_TRUE(results.has_unread_lines());
}

TEST(BatchResults, LooksIntoWhatIsCompressed) {
  const std::string text = answered("a", 7) + answered("b", 9);
  BatchResults results{"gzip"};
  EXPECT_EQ(results_of(results, gzipped(text), 10).size(), 2u);
  EXPECT_TRUE(results.is_readable());

  BatchResults unknown{"compress"};
  EXPECT_TRUE(results_of(unknown, text).empty());
  EXPECT_FALSE(unknown.is_readable());
}

TEST(BatchResults, FindsTheIdOfABatch) {
  EXPECT_EQ(batch_id_of(R"({"type":"message_batch","counts":{"id":"no"},"id":"msgbatch_1"})"),
            "msgbatch_1");
  EXPECT_EQ(batch_id_of(R"({"type":"message_batch"})"), "");
  EXPECT_EQ(batch_id_of("[]"), "");
}

}  // namespace
}  // namespace relay::claude
