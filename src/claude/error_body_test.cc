#include "claude/error_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace relay::claude {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view request_id = "req_0123456789";

ErrorResponse response(ErrorCode code) {
  return error_response({.code = code, .origin = Origin::relay}, request_id);
}

// Written down a second time on purpose: this table is what clients rely on.
TEST(ErrorResponse, HasAStatusAndATypeForEveryCode) {
  const std::map<ErrorCode, std::pair<int, std::string_view>> promised = {
      {ErrorCode::invalid_request, {400, "invalid_request_error"}},
      {ErrorCode::request_too_large, {413, "request_too_large"}},
      {ErrorCode::target_too_long, {414, "invalid_request_error"}},
      {ErrorCode::head_too_large, {431, "invalid_request_error"}},
      {ErrorCode::request_timeout, {408, "invalid_request_error"}},
      {ErrorCode::method_not_allowed, {405, "invalid_request_error"}},
      {ErrorCode::method_unknown, {501, "invalid_request_error"}},
      {ErrorCode::version_unsupported, {505, "invalid_request_error"}},
      {ErrorCode::expectation_failed, {417, "invalid_request_error"}},
      {ErrorCode::encoding_unsupported, {415, "invalid_request_error"}},
      {ErrorCode::unauthenticated, {401, "authentication_error"}},
      {ErrorCode::forbidden, {403, "permission_error"}},
      {ErrorCode::not_found, {404, "not_found_error"}},
      {ErrorCode::conflict, {409, "conflict_error"}},
      {ErrorCode::rate_limited, {429, "rate_limit_error"}},
      {ErrorCode::limit_exhausted, {402, "billing_error"}},
      {ErrorCode::upstream_unavailable, {502, "api_error"}},
      {ErrorCode::upstream_timeout, {504, "timeout_error"}},
      {ErrorCode::upstream_protocol, {502, "api_error"}},
      {ErrorCode::upstream_overloaded, {529, "overloaded_error"}},
      {ErrorCode::upstream_refused_credential, {502, "api_error"}},
      {ErrorCode::client_gone, {499, "api_error"}},
      {ErrorCode::overloaded, {503, "overloaded_error"}},
      {ErrorCode::store_unavailable, {503, "overloaded_error"}},
      {ErrorCode::internal, {500, "api_error"}},
  };
  for (const auto& [code, expected] : promised) {
    EXPECT_EQ(http_status(code), expected.first);
    EXPECT_EQ(error_type(code), expected.second);
    EXPECT_EQ(response(code).head.status, expected.first);
    EXPECT_THAT(response(code).body, HasSubstr("\"type\":\"" + std::string{expected.second}));
    EXPECT_THAT(response(code).body, Not(HasSubstr(R"("message":"")"))) << expected.first;
  }
}

TEST(ErrorResponse, HasTheShapeOfTheMessagesApi) {
  const ErrorResponse response = error_response(
      {.code = ErrorCode::limit_exhausted, .origin = Origin::client, .message = "no tokens left"},
      request_id);
  EXPECT_EQ(response.body,
            R"({"type":"error","error":{"type":"billing_error","message":"no tokens left"},)"
            R"("request_id":"req_0123456789"})");
  EXPECT_EQ(response.head.length, response.body.size());
  EXPECT_EQ(response.head.fields,
            "content-type: application/json\r\n"
            "request-id: req_0123456789\r\n"
            "x-should-retry: false\r\n");
}

TEST(ErrorResponse, TellsTheClientToGiveUpWhereTryingAgainCannotHelp) {
  for (const auto code : {ErrorCode::unauthenticated, ErrorCode::forbidden,
                          ErrorCode::limit_exhausted, ErrorCode::upstream_refused_credential,
                          ErrorCode::method_unknown, ErrorCode::version_unsupported}) {
    EXPECT_THAT(response(code).head.fields, HasSubstr("x-should-retry: false\r\n"));
    EXPECT_THAT(response(code).head.fields, Not(HasSubstr("retry-after")));
  }
}

// The upstream may have done the work and billed it, and would bill it again.
TEST(ErrorResponse, KeepsAnSdkFromRepeatingWhatTookTooLong) {
  const ErrorResponse late = response(ErrorCode::upstream_timeout);
  EXPECT_THAT(late.head.fields, HasSubstr("x-should-retry: false\r\n"));
}

TEST(ErrorResponse, LetsAnSdkTryAgainWhereThatMayHelp) {
  for (const auto code : {ErrorCode::upstream_unavailable, ErrorCode::upstream_protocol,
                          ErrorCode::upstream_overloaded, ErrorCode::rate_limited,
                          ErrorCode::overloaded, ErrorCode::store_unavailable}) {
    EXPECT_THAT(response(code).head.fields, Not(HasSubstr("x-should-retry")));
  }
}

TEST(ErrorResponse, SaysWhichMethodsThereAre) {
  const ErrorResponse response = error_response(
      {.code = ErrorCode::method_not_allowed, .origin = Origin::client, .allow = "GET, HEAD"},
      request_id);
  EXPECT_THAT(response.head.fields, HasSubstr("allow: GET, HEAD\r\n"));
}

TEST(ErrorResponse, TellsTheClientWhenToComeBackWhenItIsTooFast) {
  const ErrorResponse response = error_response({.code = ErrorCode::rate_limited,
                                                 .origin = Origin::client,
                                                 .retry_after = std::chrono::seconds{3}},
                                                request_id);
  EXPECT_THAT(response.head.fields, HasSubstr("retry-after: 3\r\n"));
  EXPECT_THAT(response.head.fields, Not(HasSubstr("x-should-retry")));
}

TEST(ErrorResponse, AsksForOneSecondWhereNobodyKnowsBetter) {
  for (const auto code : {ErrorCode::overloaded, ErrorCode::store_unavailable}) {
    EXPECT_THAT(response(code).head.fields, HasSubstr("retry-after: 1\r\n"));
  }
}

// A client that sees 401 asks its user to log in again, which would not help.
TEST(ErrorResponse, DoesNotBlameTheClientForOurCredential) {
  EXPECT_EQ(http_status(ErrorCode::upstream_refused_credential), 502);
}

TEST(ErrorResponse, QuotesWhatWouldBreakTheJson) {
  const ErrorResponse response = error_response(
      {.code = ErrorCode::invalid_request, .origin = Origin::client, .message = "a \"b\" \\ \n"},
      request_id);
  EXPECT_THAT(response.body, HasSubstr(R"("message":"a \"b\" \\ \u000a")"));
}

TEST(ErrorResponse, NeverShowsTheDetail) {
  const Error error{.code = ErrorCode::internal, .origin = Origin::relay, .detail = "/etc/secret"};
  EXPECT_THAT(error_response(error, request_id).body, Not(HasSubstr("secret")));
  EXPECT_THAT(error_event(error), Not(HasSubstr("secret")));
}

TEST(ErrorEvent, IsOneEventOfAStream) {
  EXPECT_EQ(error_event({.code = ErrorCode::upstream_protocol,
                         .origin = Origin::upstream,
                         .message = "broke\noff"}),
            "event: error\n"
            R"(data: {"type":"error","error":{"type":"api_error","message":"broke\u000aoff"},)"
            "\"request_id\":null}\n\n");
}

}  // namespace
}  // namespace relay::claude
