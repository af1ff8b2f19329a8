#include "claude/advisor_tools.h"

#include <gmock/gmock.h>

#include "base/limits.h"
#include "claude/coded_fixture.h"

namespace relay::claude {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> models_of(std::string_view tools) {
  const std::string body =
      R"({"model":"claude-haiku-4-5","tools":)" + std::string{tools} + R"(,"max_tokens":1})";
  return advisor_models("identity", body).value();
}

TEST(AdvisorModels, AreThoseOfToolsWhoseTypeBeginsSo) {
  EXPECT_THAT(models_of(R"([{"name":"x","model":"a"},{"type":"advisor_20260301","name":"advisor",)"
                        R"("model":"b"},7,{"model":"c","max_uses":2,"type":"advisor_20270101"}])"),
              ElementsAre("b", "c"));
  EXPECT_THAT(models_of(R"([{"type":"custom","input_schema":{"type":"advisor_1","model":"a"}}])"),
              IsEmpty());
  EXPECT_THAT(models_of(R"("advisor_")"), IsEmpty());
}

TEST(AdvisorModels, AreSeenUnderEscapes) {
  EXPECT_THAT(models_of(R"([{"ty\u0070e":"\u0061dvisor_1","\u006dodel":"claude-\u006fpus"}])"),
              ElementsAre("claude-opus"));
  const std::string_view body = R"({"tool\u0073":[{"type":"advisor_1","model":"a"}]})";
  EXPECT_THAT(advisor_models("identity", body).value(), ElementsAre("a"));
}

// Which of two an upstream takes is its own affair.
TEST(AdvisorModels, AreAllThatAreSaidTwice) {
  EXPECT_THAT(models_of(R"([{"type":"advisor_1","model":"a","model":"b","type":"custom"}],)"
                        R"("tools":[{"type":"advisor_1","model":"c"}])"),
              ElementsAre("a", "b", "c"));
}

TEST(AdvisorModels, AreEmptyWhereNoneIsNamed) {
  EXPECT_THAT(models_of(R"([{"type":"advisor_1"},{"type":"advisor_1","model":null}])"),
              ElementsAre("", ""));
  EXPECT_THAT(models_of(R"([{"type":"advisor_1","model":")" +
                        std::string(limits::model_bytes_max + 1, 'x') + R"("}])"),
              ElementsAre(""));
}

TEST(AdvisorModels, AreFoundInEveryCoding) {
  const std::string body = R"({"tools":[{"type":"advisor_1","model":"a"}]})";
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"}) {
    EXPECT_THAT(advisor_models(coding, coded(coding, body)).value(), ElementsAre("a")) << coding;
    EXPECT_FALSE(advisor_models(coding, body)) << coding;
  }
  EXPECT_FALSE(advisor_models("gzip, br", body));
}

TEST(AdvisorModels, AreNotGuessedWhereTheBodyCannotBeRead) {
  EXPECT_FALSE(advisor_models("identity", R"([{"type":"advisor_1"}])"));
  EXPECT_FALSE(advisor_models("identity", R"({"tools":[{"type":"advisor_1")"));
}

}  // namespace
}  // namespace relay::claude
