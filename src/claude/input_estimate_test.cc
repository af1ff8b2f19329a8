#include "claude/input_estimate.h"

#include <gtest/gtest.h>

#include <string>

#include "claude/tokenizer.h"

namespace relay::claude {
namespace {

std::string message(const std::string& text) {
  return R"({"model":"m","messages":[{"role":"user","content":")" + text + R"("}]})";
}

TEST(EstimateInput, CountsTheTextOfAShortQuestion) {
  const std::string text = "What is the capital of France, and how far is it from here?";
  const auto exact = count_tokens(Encoding::o200k_base, text);
  EXPECT_GE(estimate_input(message(text)), exact);
  EXPECT_LE(estimate_input(message(text)), exact + 12);  // The names around it.
}

TEST(EstimateInput, TakesALongTextForAsDenseAsItsBeginning) {
  std::string text;
  while (text.size() < 400'000) text += "The quick brown fox jumps over the lazy dog. ";
  const double exact = static_cast<double>(count_tokens(Encoding::o200k_base, text));
  EXPECT_NEAR(static_cast<double>(estimate_input(message(text))), exact, exact * 0.05);
}

TEST(EstimateInput, DoesNotTakeAnImageForText) {
  const std::string image =
      R"({"messages":[{"content":[{"type":"image","source":{"type":"base64","data":")" +
      std::string(400'000, 'A') + R"("}}]}]})";
  EXPECT_LT(estimate_input(image), 4'000);
  EXPECT_GE(estimate_input(image), 1'600);
}

TEST(EstimateInput, CountsBytesWhereThereIsNoJson) {
  EXPECT_EQ(estimate_input(std::string(4'000, '\x1f')), 1'000);
  EXPECT_EQ(estimate_input(""), 0);
}

}  // namespace
}  // namespace relay::claude
