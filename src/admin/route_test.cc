#include "admin/route.h"

#include <gtest/gtest.h>

namespace relay::admin {
namespace {

using http::Method;

Result<Reply> named(const Call& call) {
  return json_reply(200, call.object);
}

Routes routes() {
  return Routes{{
      {Method::post, "/things/{id}", Access::administrator, Takes::body, named},
      {Method::get, "/things", Access::everybody, Takes::nothing, named},
      {Method::post, "/things/batch", Access::administrator, Takes::body, named},
      {Method::get, "/things/{id}", Access::administrator, Takes::nothing, named},
      {Method::post, "/things/{id}/stop", Access::administrator, Takes::nothing, named},
  }};
}

TEST(Routes, FindsByMethodAndPath) {
  const Routes all = routes();
  EXPECT_EQ(all.find(Method::get, "/things/7").object, "7");
  EXPECT_EQ(all.find(Method::post, "/things/7/stop").object, "7");
  EXPECT_NE(all.find(Method::head, "/things").route, nullptr);
  EXPECT_EQ(all.find(Method::get, "/things").access, Access::everybody);
}

TEST(Routes, PrefersAPathWithoutBraces) {
  const Routes all = routes();
  EXPECT_EQ(all.find(Method::post, "/things/batch").route->pattern, "/things/batch");
  EXPECT_EQ(all.find(Method::get, "/things/batch").allow, "POST");
}

TEST(Routes, SaysWhatAPathTakes) {
  const Routes all = routes();
  EXPECT_EQ(all.find(Method::delete_, "/things/7").allow, "POST, GET, HEAD");
  EXPECT_EQ(all.find(Method::delete_, "/things/7").route, nullptr);
  for (const char* const path : {"/", "/thing", "/things/", "/things/7/", "/things/7/8",
                                 "/things//stop", "/things/7/stop/", "/THINGS"}) {
    EXPECT_EQ(all.find(Method::get, path).allow, "") << path;
  }
}

TEST(Routes, TakesNoParameterWhereNoneIsMeant) {
  const Routes all = routes();
  Call call = command_call(Method::post, "/things/7/stop?", "");
  EXPECT_TRUE(answer_by(all.find(Method::post, "/things/7/stop"), call));
  call = command_call(Method::post, "/things/7/stop?now=true", "");
  EXPECT_EQ(answer_by(all.find(Method::post, "/things/7/stop"), call).error().code,
            ErrorCode::invalid_request);
  EXPECT_EQ(answer_by(all.find(Method::post, "/things/7"), call).error().code,
            ErrorCode::invalid_request);
}

TEST(Routes, TakesNoBodyWhereNoneIsMeant) {
  const Routes all = routes();
  Call call;
  const auto stop = all.find(Method::post, "/things/7/stop");
  EXPECT_TRUE(answer_by(stop, call));
  call.body = "{}";
  EXPECT_TRUE(answer_by(stop, call));
  call.body = R"({"now":true})";
  EXPECT_EQ(answer_by(stop, call).error().code, ErrorCode::invalid_request);
}

}  // namespace
}  // namespace relay::admin
