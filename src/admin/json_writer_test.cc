#include "admin/json_writer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace relay::admin {
namespace {

TEST(JsonWriter, WritesMembersInTheOrderOfTheCalls) {
  JsonWriter json;
  json.begin_object().member("b", 1).member("a", "x").key("list").begin_list();
  json.value(true).value(nullptr).begin_object().end().end();
  json.key("empty").begin_list().end().member("no", std::optional<int>{}).end();
  EXPECT_EQ(json.take(), R"({"b":1,"a":"x","list":[true,null,{}],"empty":[],"no":null})");
}

TEST(JsonWriter, WritesMoneyToTheNanoDollar) {
  JsonWriter json;
  json.begin_list().value(Usd{1}).value(Usd{9'007'199'254'740'993}).end();
  EXPECT_EQ(json.take(), "[0.000000001,9007199.254740993]");
}

TEST(JsonWriter, WritesValidJsonWhateverATextHolds) {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  JsonWriter json;
  json.begin_object().member(text, std::string_view{"\xe4\xb8"}).end();
  EXPECT_TRUE(nlohmann::json::accept(json.take()));
}

TEST(JsonWriter, WritesTimesInUtc) {
  JsonWriter json;
  json.value(WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}});
  EXPECT_EQ(json.take(), R"("2026-11-23T00:00:00.000Z")");
}

}  // namespace
}  // namespace relay::admin
