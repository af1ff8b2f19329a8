#include "claude/advisor_usage.h"

#include <gmock/gmock.h>

#include <string>

#include "base/limits.h"
#include "claude/usage_meter.h"

namespace relay::claude {
namespace {

using core::Usage;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Usage own{.input = 25, .output = 15};

std::string usage_with(const std::string& advisors) {
  return R"({"input_tokens":25,"output_tokens":15,"iterations":[{"type":"message",)"
         R"("model":"x","input_tokens":9},)" +
         advisors + "]}";
}

std::string start_event(const std::string& usage) {
  return R"(data: {"type":"message_start","message":{"model":"m","usage":)" + usage + "}}\n\n";
}

std::string delta_event(const std::string& usage) {
  return R"(data: {"type":"message_delta","delta":{},"usage":)" + usage + "}\n\n";
}

struct AdvisorUsageTest : testing::Test {
  std::optional<UsageMeter> meter;

  AdvisorUsages seen(AnswerKind kind, std::string_view body) {
    meter.emplace(kind);
    meter->observe(body);
    return {meter->advisors().begin(), meter->advisors().end()};
  }
  AdvisorUsages seen_in_stream(std::string_view events) {
    return seen(AnswerKind::messages_events, events);
  }
  Usage usage() {
    return meter->final_usage(0, [](std::string_view) { return core::TokenCount{0}; });
  }
};

const std::string dear_once =
    R"({"type":"advisor_message","model":"dear","input_tokens":900,"output_tokens":60,)"
    R"("cache_creation_input_tokens":6,"cache_creation":{"ephemeral_1h_input_tokens":4}})";
const std::string dear_twice =
    dear_once +
    R"(,{"type":"advisor_message","model":"other","output_tokens":3})"
    R"(,{"model":"dear","input_tokens":100,"cache_read_input_tokens":7,"type":"advisor_message"})";
const AdvisorUsage dear{
    ModelName{"dear"},
    {.input = 1'000, .output = 60, .cache_write_5m = 2, .cache_write_1h = 4, .cache_read = 7}};
const AdvisorUsage other{ModelName{"other"}, {.output = 3}};

TEST_F(AdvisorUsageTest, IsCountedByModelAndBesideTheAnswer) {
  EXPECT_THAT(
      seen(AnswerKind::messages_json, R"({"model":"m","usage":)" + usage_with(dear_twice) + "}"),
      ElementsAre(dear, other));
  EXPECT_EQ(usage(), own);
  EXPECT_THAT(seen_in_stream(delta_event(R"({"output_tokens":15})")), IsEmpty());
}

TEST_F(AdvisorUsageTest, IsTheLargestThatWasReported) {
  const std::string once = usage_with(dear_once);
  const std::string twice = usage_with(dear_twice);
  EXPECT_THAT(seen_in_stream(start_event(once) + delta_event(twice) + delta_event(twice) +
                             delta_event(once)),
              ElementsAre(dear, other));
  EXPECT_EQ(usage(), own);
}

TEST_F(AdvisorUsageTest, IsCountedAsThatOfTheLastModelWhereThereAreTooMany) {
  std::string all;
  for (std::size_t i = 0; i < limits::advisor_models_max + 2; ++i) {
    if (i != 0) all += ',';
    all += R"({"type":"advisor_message","output_tokens":5,"model":"m)" + std::to_string(i) + "\"}";
  }
  const AdvisorUsages advisors = seen_in_stream(delta_event(usage_with(all)));
  ASSERT_THAT(advisors, SizeIs(limits::advisor_models_max));
  EXPECT_EQ(advisors.back(), (AdvisorUsage{ModelName{"m3"}, {.output = 15}}));
}

TEST_F(AdvisorUsageTest, IsCountedWithoutANameAndWithoutWhatCannotBe) {
  EXPECT_THAT(seen_in_stream(delta_event(
                  usage_with(R"({"type":"advisor_message","model":null,"input_tokens":5},)"
                             R"({"type":"advisor_message","input_tokens":-1})"))),
              ElementsAre(AdvisorUsage{ModelName{}, {.input = 5}}));
  EXPECT_TRUE(meter->has_bad_usage());
}

TEST_F(AdvisorUsageTest, IsAnEstimateTogetherWithThatOfTheAnswer) {
  const core::TokenCount most = limits::tokens_per_count_max;
  EXPECT_EQ(merged({.input = 25, .cache_read = most}, {.input = 900, .output = 3, .cache_read = 1}),
            (Usage{.input = 925, .output = 3, .cache_read = most, .is_estimated = true}));
}

}  // namespace
}  // namespace relay::claude
