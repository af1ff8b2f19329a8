#include "http/query.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace relay::http {
namespace {

TEST(Query, TakesTheEscapesOff) {
  const Result<Query> query = Query::parse("from=2026-11-01&name=a+b%26%3D%C3%A4&empty=&flag&&");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->find("from"), "2026-11-01");
  EXPECT_EQ(query->find("name"), "a b&=\xc3\xa4");
  EXPECT_EQ(query->find("empty"), "");
  EXPECT_EQ(query->find("flag"), "");
  EXPECT_EQ(query->find("to"), std::nullopt);
  EXPECT_EQ(query->parameters().size(), 4);
}

TEST(Query, MayBeEmpty) {
  const Result<Query> query = Query::parse("");
  ASSERT_TRUE(query.has_value());
  EXPECT_TRUE(query->parameters().empty());
}

TEST(Query, RefusesWhatHasNoOneMeaning) {
  for (const char* text :
       {"a=%", "a=%4", "a=%zz", "%=1", "a=%00", "a=%0a", "=1", "a=1&a=1", "a=1&%61=2", "a=%7f"}) {
    EXPECT_FALSE(Query::parse(text).has_value()) << text;
  }
}

TEST(Query, IsBounded) {
  std::string text;
  for (std::size_t i = 0; i < limits::query_parameters_max; ++i) text += fmt::format("p{}=1&", i);
  EXPECT_TRUE(Query::parse(text).has_value());
  EXPECT_FALSE(Query::parse(text + "q=1").has_value());
}

}  // namespace
}  // namespace relay::http
