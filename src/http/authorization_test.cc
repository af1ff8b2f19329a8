#include "http/authorization.h"

#include <gtest/gtest.h>

namespace relay::http {
namespace {

TEST(Authorization, IsReadByItsScheme) {
  EXPECT_EQ(credentials_in("Bearer abc", "Bearer"), "abc");
  EXPECT_EQ(credentials_in("bEARER abc", "Bearer"), "abc");
  EXPECT_EQ(credentials_in("Bearer  abc", "Bearer"), " abc");
  EXPECT_EQ(credentials_in("Basic YTpi", "Basic"), "YTpi");
}

TEST(Authorization, ShowsNothingByAnotherScheme) {
  for (const char* const value : {"", "Bearer", "Bearer ", "Bearerabc", "Bearer\tabc", "Basic abc",
                                  "Bear abc", " Bearer abc", "abc"}) {
    EXPECT_EQ(credentials_in(value, "Bearer"), "") << value;
  }
}

TEST(Authorization, IsOneFieldOrNone) {
  Fields fields;
  EXPECT_EQ(credentials_in(fields, "Bearer"), "");
  fields.add("authorization", "Bearer abc");
  EXPECT_EQ(credentials_in(fields, "Bearer"), "abc");
  fields.add("Authorization", "Bearer abc");
  EXPECT_EQ(credentials_in(fields, "Bearer"), "");
}

}  // namespace
}  // namespace relay::http
