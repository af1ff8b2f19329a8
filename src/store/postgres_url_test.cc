#include "store/postgres_url.h"

#include <gtest/gtest.h>

namespace relay::store {
namespace {

TEST(PostgresUrl, IsTakenInTheFormsThatPeopleWrite) {
  EXPECT_EQ(postgres_url("postgresql://u:p@h:1/d?x=y"), "postgresql://u:p@h:1/d?x=y");
  EXPECT_EQ(postgres_url("postgres://h/d"), "postgresql://h/d");
  EXPECT_EQ(postgres_url("postgresql+asyncpg://h/d"), "postgresql://h/d");
  EXPECT_FALSE(postgres_url("sqlite:///relay.db"));
  EXPECT_FALSE(postgres_url("mysql://h/d"));
  EXPECT_FALSE(postgres_url("postgresql"));
}

TEST(PostgresUrl, MayLeaveOutAllButItsScheme) {
  for (const char* const url :
       {"postgresql://", "postgresql://h", "postgresql://h:/d", "postgresql://u@/d?host=/run",
        "postgresql://u:p%40ss@[::1]:5432,h2:1,h3/d%2F?sslmode=require&connect_timeout=2&",
        "postgresql://u:a:b?c#d!$&'()*+,;=~@h/d", "postgresql://u:p@[::1]/", "postgresql:///d",
        "postgresql:///d?host=a,b&port=1,2"}) {
    EXPECT_EQ(postgres_url(url), url);
  }
}

TEST(PostgresUrl, IsRefusedWhereThePasswordMayBeTakenForSomethingElse) {
  for (const char* const url :
       {"postgresql://relay:100%Secret@127.0.0.1:1/d", "postgresql://relay:secret%@h/d",
        "postgresql://relay:se%00cret@h/d", "postgresql://relay:p@ssSecret@127.0.0.1:1/d",
        "postgresql://relay:pa/ss@h/d", "postgresql://relay:1/ss@h/d",
        "postgresql://relay:1/s?a=s@h/d", "postgresql://relay:s s@h/d",
        "postgresql://relay:s\ts@h/d"}) {
    EXPECT_FALSE(postgres_url(url)) << url;
  }
}

TEST(PostgresUrl, IsRefusedWhereAPortIsNone) {
  for (const char* const url :
       {"postgresql://u:p@h:abc/d", "postgresql://h:0/d", "postgresql://h:65536/d",
        "postgresql://h:-1/d", "postgresql://h:1x/d", "postgresql://a:1,b:x/d",
        "postgresql://[::1/d", "postgresql://[::1]1/d", "postgresql://::1/d"}) {
    EXPECT_FALSE(postgres_url(url)) << url;
  }
}

// With each of these libpq fails before it asks anybody, which looks as if nobody answered.
TEST(PostgresUrl, IsRefusedWhereAnOptionCannotBeRead) {
  for (const char* const url :
       {"postgresql://h/d?port=abc", "postgresql://h/d?port=1,", "postgresql://h/d?sslmode",
        "postgresql://h/d?a=b=c", "postgresql://h/d?a=1&&b=2", "postgresql://h/d?=1",
        "postgresql://h/d?connect_timeout=soon", "postgresql://h/d?keepalives_idle=x"}) {
    EXPECT_FALSE(postgres_url(url)) << url;
  }
}

TEST(PostgresUrl, ItsPasswordIsTakenOutOfWhatIsSaid) {
  const std::string_view url = "postgresql://relay:hunter%402%25hunter@h/d";
  EXPECT_EQ(without_password("\"hunter%402%25hunter\" is hunter@2%hunter", url),
            "\"[secret]\" is [secret]");
  EXPECT_EQ(without_password("x hunter22", "postgresql://h/d?user=u&password=hunter22&a=b"),
            "x [secret]");
  EXPECT_EQ(without_password("user \"relay\"", "postgresql://relay:relay@h/d"), "user \"relay\"")
      << "short ones are ordinary words";
  EXPECT_EQ(without_password("all of it", "postgresql://relay@h/d"), "all of it");
}

}  // namespace
}  // namespace relay::store
