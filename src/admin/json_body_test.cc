#include "admin/json_body.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>

namespace relay::admin {
namespace {

constexpr std::array<std::string_view, 2> members = {"a", "b"};

TEST(JsonBody, ReadsOneObjectOfKnownMembers) {
  EXPECT_TRUE(parse_object(R"({"a":1,"b":{"c":[true,null,"x"]}})", members));
  EXPECT_TRUE(parse_object("", members));
  EXPECT_EQ(parse_object(R"({"c":1})", members).error().message,
            "Unknown member \"c\". Known are: a, b.");
  for (const char* const body : {"[]", "1", "{", "{}{}", "{\"a\":1,}", "{\"a\":\"\xff\"}",
                                 "{\"a\":NaN}", "// c\n{}", "{\"a\":01}"}) {
    EXPECT_FALSE(parse_object(body, members)) << body;
  }
}

TEST(JsonBody, RefusesASecondMemberOfOneNameAtAnyDepth) {
  EXPECT_FALSE(parse_object(R"({"a":1,"a":1})", members));
  EXPECT_FALSE(parse_object(R"({"a":1,"\u0061":1})", members));
  EXPECT_FALSE(parse_object(R"({"a":[{"x":1,"x":2}]})", members));
  EXPECT_TRUE(parse_object(R"({"a":[{"x":1},{"x":2}]})", members));
}

TEST(JsonBody, RefusesADepthWithoutEnd) {
  const std::string deep = "{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}";
  EXPECT_FALSE(parse_object(deep, members));
}

TEST(JsonBody, KeepsMoneyExact) {
  const auto body = parse_object(R"({"a":0.1,"b":9007199254.740993})", members).value();
  EXPECT_EQ(read_usd(body["a"]), 100'000'000);
  EXPECT_EQ(read_usd(body["b"]), 9'007'199'254'740'993'000);
  EXPECT_EQ(read_usd(parse_json("12").value()), 12'000'000'000);
  for (const char* const value : {"-1", "-0.5", "\"1\"", "null", "true", "1e300", "0.1234567890"}) {
    const auto sum = parse_json(value);
    EXPECT_EQ(sum ? read_usd(*sum) : std::nullopt,
              value == std::string_view{"0.1234567890"} ? std::optional{123'456'789} : std::nullopt)
        << value;
  }
}

TEST(JsonBody, CountsNoFurtherThanEveryClientCan) {
  EXPECT_EQ(read_count(parse_json("9007199254740992").value()), 9'007'199'254'740'992);
  EXPECT_EQ(read_count(parse_json("9007199254740993").value()), std::nullopt);
  EXPECT_EQ(read_count(parse_json("-1").value()), std::nullopt);
  EXPECT_EQ(read_count(parse_json("1.0").value()), std::nullopt);
}

}  // namespace
}  // namespace relay::admin
