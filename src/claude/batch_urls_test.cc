#include "claude/batch_urls.h"

#include <gtest/gtest.h>

namespace relay::claude {
namespace {

std::string rewritten(std::string_view json) {
  return with_own_results_urls(
      json, {.upstream = "https://api.anthropic.com", .own = "http://127.0.0.1:8000"});
}

TEST(BatchUrls, LeadToTheRelay) {
  EXPECT_EQ(rewritten(R"({ "id":"b", "results_url" : )"
                      R"("https://api.anthropic.com/v1/messages/batches/b/results" } )"),
            R"({ "id":"b", "results_url" : )"
            R"("http://127.0.0.1:8000/v1/messages/batches/b/results" } )");
}

TEST(BatchUrls, LeadToTheRelayInAList) {
  EXPECT_EQ(rewritten(R"({"data":[{"results_url":"https://api.anthropic.com/a","x":[{}]},)"
                      R"({"results_url":null},7,{"results_url":"HTTPS://API.anthropic.com/b"}],)"
                      R"("has_more":false})"),
            R"({"data":[{"results_url":"http://127.0.0.1:8000/a","x":[{}]},)"
            R"({"results_url":null},7,{"results_url":"http://127.0.0.1:8000/b"}],)"
            R"("has_more":false})");
}

TEST(BatchUrls, SeeThroughEscapes) {
  EXPECT_EQ(rewritten(R"({"results\u005furl":"https:\/\/api.anthropic.com\/a\"b"})"),
            R"({"results\u005furl":"http://127.0.0.1:8000/a\"b"})");
}

TEST(BatchUrls, StayWhereTheyAreNotOnTheUpstream) {
  for (const std::string_view json :
       {R"({"results_url":"https://api.anthropic.com.evil.example/a"})",
        R"({"results_url":"https://elsewhere/https://api.anthropic.com/"})",
        R"({"url":"https://api.anthropic.com/a"})",
        R"({"results_url":["https://api.anthropic.com/"]})",
        R"({"x":{"results_url":"https://api.anthropic.com/a"}})", R"([{}])", "", "nonsense"}) {
    EXPECT_EQ(rewritten(json), json);
  }
}

TEST(BatchUrls, KeepWhatFollowsBrokenJson) {
  EXPECT_EQ(rewritten(R"({"results_url":"https://api.anthropic.com/a",]"results_url":"https://)"),
            R"({"results_url":"http://127.0.0.1:8000/a",]"results_url":"https://)");
}

}  // namespace
}  // namespace relay::claude
