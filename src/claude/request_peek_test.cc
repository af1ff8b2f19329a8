#include "claude/request_peek.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "claude/coded_fixture.h"

namespace relay::claude {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view body) {
  const Result<RequestPeek> result = peek(body);
  if (result) return "";
  EXPECT_EQ(result.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(result.error().origin, Origin::client);
  return result.error().message;
}

TEST(RequestPeek, ReadsWhatTheRelayActsUpon) {
  const std::string_view body =
      R"({"messages":[{"role":"user","content":"model"}],"metadata":{"user_id":"{\"session_id\":1}"},)"
      R"("max_tokens":128000,"stream":true,"model":"claude-opus-5-5"})";
  const Result<RequestPeek> result = peek(body);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->model, "claude-opus-5-5");
  EXPECT_EQ(result->max_tokens, 128'000);
  EXPECT_TRUE(result->is_stream);
  EXPECT_NE(result->user_hash, 0);
  EXPECT_EQ(result->body_bytes, body.size());
}

TEST(RequestPeek, TellsUsersApart) {
  const auto hash_of_user = [](std::string_view id) {
    const std::string body = R"({"metadata":{"user_id":")" + std::string{id} + R"("}})";
    return peek(body).value().user_hash;
  };
  EXPECT_EQ(hash_of_user(R"({\"session_id\":1})"), hash_of_user(R"({\"session_id\":1})"));
  EXPECT_NE(hash_of_user(R"({\"session_id\":1})"), hash_of_user(R"({\"session_id\":2})"));
}

TEST(RequestPeek, LeavesWhatIsMissingToTheUpstream) {
  for (const auto* body :
       {"{}", R"({"model":null,"max_tokens":null,"stream":null})", R"({"metadata":null})",
        R"({"metadata":{"user_id":7}})", R"({"metadata":{"user_id":""}})", " {\"a\":[]} \r\n"}) {
    const Result<RequestPeek> result = peek(body);
    ASSERT_TRUE(result) << body;
    EXPECT_EQ(result->model, "");
    EXPECT_EQ(result->max_tokens, std::nullopt);
    EXPECT_FALSE(result->is_stream);
    EXPECT_EQ(result->user_hash, 0);
  }
}

TEST(RequestPeek, LooksOnlyAtTheTopOfTheRequest) {
  const Result<RequestPeek> result =
      peek(R"({"tools":[{"input_schema":{"model":1,"stream":"x"}}],"x":{"max_tokens":-1}})");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->max_tokens, std::nullopt);
}

TEST(RequestPeek, RefusesWhatIsNotOneJsonObject) {
  for (const std::string_view body : {"",
                                      " ",
                                      "null",
                                      "[]",
                                      "\"x\"",
                                      "1",
                                      "{",
                                      "{\"model\":\"x\"",
                                      "{\"model\"",
                                      "{\"a\":1}}",
                                      "{} {}",
                                      "{}x",
                                      "{\"a\":NaN}",
                                      "{\"a\":Infinity}",
                                      "{\"a\":tru}",
                                      "{\"a\":01}",
                                      "{\"a\":\"\x01\"}",
                                      "{'a':1}",
                                      "{\"a\":1,}",
                                      "\xEF\xBB\xBF{}"}) {
    EXPECT_NE(refusal(body), "") << body;
  }
  EXPECT_EQ(refusal(R"({"a":tru})"), "The body is not valid JSON at byte 8.");
  EXPECT_EQ(refusal(R"({"a":)"), "The JSON of the body ends too early.");
  EXPECT_EQ(refusal("{\"a\":\"\xff\"}"), "The body is not UTF-8.");
  EXPECT_EQ(refusal(std::string_view{"{\0}", 3}), "The body is not valid JSON at byte 1.");
}

TEST(RequestPeek, RefusesAMemberThatIsThereTwice) {
  EXPECT_EQ(refusal(R"({"model":"a","model":"a"})"), "\"model\" is there twice.");
  EXPECT_EQ(refusal(R"({"max_tokens":1,"max_tokens":2})"), "\"max_tokens\" is there twice.");
  EXPECT_EQ(refusal(R"({"stream":true,"stream":false})"), "\"stream\" is there twice.");
  EXPECT_EQ(refusal(R"({"stream":true,"str\u0065am":false})"), "\"stream\" is there twice.");
  EXPECT_EQ(refusal(R"({"\u006d\u006f\u0064\u0065\u006c":"a","model":null})"),
            "\"model\" is there twice.");
  EXPECT_EQ(refusal(R"({"other":1,"other":2})"), "");
}

TEST(RequestPeek, TakesOnlyACountForACount) {
  for (const auto* count : {"-1", "1.5", "1000000001", "1e10", "99999999999999999999", "1e400",
                            "\"64\"", "true", "[]", "{}", "-0.5"}) {
    EXPECT_THAT(refusal(R"({"max_tokens":)" + std::string{count} + "}"), HasSubstr("max_tokens"))
        << count;
  }
  EXPECT_EQ(peek(R"({"max_tokens":0})")->max_tokens, 0);
  EXPECT_EQ(peek(R"({"max_tokens":1000000000})")->max_tokens, 1'000'000'000);
  EXPECT_EQ(peek(R"({"max_tokens":64.0})")->max_tokens, 64);
  EXPECT_EQ(peek(R"({"max_tokens":1e3})")->max_tokens, 1'000);
  EXPECT_EQ(peek(R"({"max_tokens":5,"max_completion_tokens":9})")->max_tokens, 9);
}

TEST(RequestPeek, TakesOnlyTheRightTypes) {
  EXPECT_THAT(refusal(R"({"stream":"true"})"), HasSubstr("stream"));
  EXPECT_THAT(refusal(R"({"stream":1})"), HasSubstr("stream"));
  EXPECT_THAT(refusal(R"({"model":1})"), HasSubstr("model"));
  EXPECT_THAT(refusal(R"({"model":["a"]})"), HasSubstr("model"));
  const std::string longest(limits::model_bytes_max, 'm');
  EXPECT_EQ(std::string_view{peek("{\"model\":\"" + longest + "\"}")->model}, longest);
  EXPECT_THAT(refusal("{\"model\":\"" + longest + "m\"}"), HasSubstr("model"));
  EXPECT_THAT(refusal("{\"model\":\"" + std::string(10'000, 'm') + "\"}"), HasSubstr("model"));
}

TEST(RequestPeek, ReadsAModelThatIsWrittenWithEscapes) {
  EXPECT_EQ(peek(R"({"model":"claude\u002dopus"})")->model, "claude-opus");
}

TEST(RequestPeek, RefusesTooMuchNestingAndNoLess) {
  const auto nested = [](std::size_t depth) {
    const std::size_t arrays = depth - 1;
    return "{\"a\":" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
  };
  EXPECT_EQ(refusal(nested(limits::json_depth_max)), "");
  EXPECT_EQ(refusal(nested(limits::json_depth_max + 1)), "The body is nested too deeply.");
  EXPECT_EQ(refusal(nested(100'000)), "The body is nested too deeply.");
}

// The API takes them, so do we: models break surrogate pairs.
TEST(RequestPeek, AcceptsWhatOtherReadersOfJsonRefuse) {
  EXPECT_EQ(refusal(R"({"messages":[{"content":"\ud83d"}]})"), "");
  EXPECT_EQ(refusal(R"({"tools":[{"maximum":18446744073709551616123,"minimum":-1e999}]})"), "");
}

TEST(RequestPeek, HashesWhatAPromptCacheStartsWith) {
  const auto hash = [](std::string_view body) { return peek(body)->prefix_hash; };
  const auto first = hash(R"({"system":"a","tools":[1],"messages":[1]})");
  EXPECT_EQ(first, hash(R"({"max_tokens":1,"system":"a","tools":[1],"messages":[1,2]})"));
  EXPECT_NE(first, hash(R"({"system":"b","tools":[1],"messages":[1]})"));
  EXPECT_NE(first, hash(R"({"system":"a","tools":[2],"messages":[1]})"));
  EXPECT_EQ(hash(R"({"messages":[1]})"), 0U);
}

TEST(EncodedRequestPeek, LooksIntoEveryCoding) {
  const std::string_view body = R"({"model":"claude-opus-5-5","max_tokens":64})";
  for (const auto* name : {"identity", "gzip", "deflate", "br", "zstd"}) {
    const Result<RequestPeek> result = peek_encoded(name, coded(name, body));
    ASSERT_TRUE(result) << name;
    EXPECT_EQ(result->model, "claude-opus-5-5");
    EXPECT_EQ(result->body_bytes, body.size());
  }
}

TEST(EncodedRequestPeek, RefusesWhatItCannotLookInto) {
  const auto code = [](std::string_view name, std::string_view body) {
    return peek_encoded(name, body).error().code;
  };
  EXPECT_EQ(code("compress", "{}"), ErrorCode::encoding_unsupported);
  EXPECT_EQ(code("gzip, gzip", gzipped(gzipped("{}"))), ErrorCode::encoding_unsupported);
  EXPECT_EQ(code("gzip", "{}"), ErrorCode::invalid_request);
  EXPECT_EQ(code("gzip", gzipped("{}").substr(0, 12)), ErrorCode::invalid_request);
  EXPECT_EQ(code("gzip", gzipped("{\"model\":1}")), ErrorCode::invalid_request);
  EXPECT_EQ(code("gzip", gzipped(std::string(limits::mib, ' '))), ErrorCode::request_too_large);
}

}  // namespace
}  // namespace relay::claude
