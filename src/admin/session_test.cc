#include "admin/session.h"

#include <gtest/gtest.h>

#include <string>

#include "admin/base64.h"

namespace relay::admin {
namespace {

using namespace std::chrono_literals;

struct SessionTest : testing::Test {
  WallTime now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};
  Sessions sessions{Secret{"0123456789abcdef0123456789abcdef"}};
  std::string token = sessions.issue(now, session_lifetime);

  // The token with another header, signature and all.
  std::string with_header(std::string_view header) const {
    return base64url(header) + token.substr(token.find('.'));
  }
};

TEST_F(SessionTest, KnowsItsOwnTokenUntilItExpires) {
  EXPECT_TRUE(sessions.check(token, now));
  EXPECT_TRUE(sessions.check(token, now + session_lifetime - 1s));
  EXPECT_FALSE(sessions.check(token, now + session_lifetime));
}

TEST_F(SessionTest, RefusesATokenChangedInAnyByte) {
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sessions.check(changed, now)) << at;
  }
}

TEST_F(SessionTest, RefusesEveryOtherAlgorithm) {
  for (const char* const header :
       {R"({"alg":"none","typ":"JWT"})", R"({"alg":"HS512","typ":"JWT"})",
        R"({"alg":"RS256","typ":"JWT"})", R"({"typ":"JWT","alg":"HS256"})", R"({"alg":"HS256"})"}) {
    EXPECT_FALSE(sessions.check(with_header(header), now)) << header;
  }
  EXPECT_FALSE(sessions.check(token.substr(0, token.rfind('.') + 1), now));
}

TEST_F(SessionTest, RefusesTheTokenOfAnotherRelay) {
  const Sessions other{Secret{"ffffffffffffffffffffffffffffffff"}};
  EXPECT_FALSE(other.check(token, now));
}

TEST_F(SessionTest, RefusesATokenThatWouldLiveTooLong) {
  EXPECT_FALSE(sessions.check(sessions.issue(now, session_lifetime + 1s), now));
}

TEST_F(SessionTest, EndsEverySessionWithItsEpoch) {
  sessions.begin_epoch(1);
  EXPECT_FALSE(sessions.check(token, now));
  EXPECT_EQ(sessions.check(sessions.issue(now), now), "admin");
}

TEST_F(SessionTest, LetsACommandOnThisHostInForAMinute) {
  const std::string local = sessions.issue_local(now);
  sessions.begin_epoch(7);
  EXPECT_EQ(sessions.check(local, now), "command line");
  EXPECT_EQ(sessions.check(local, now + 59s), "command line");
  EXPECT_FALSE(sessions.check(local, now + 60s));
}

// "alg":"none" and friends with a signature that would fit them; keys in the header; claims that
// are missing or of another type.
TEST_F(SessionTest, RefusesEveryTrickWithTheHeader) {
  const std::string claims =
      token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  for (const char* const header :
       {R"({"alg":"none"})", R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})",
        R"({"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":""}})",
        R"({"alg":"HS256","typ":"JWT","jku":"https://example.com/keys"})", R"({})", "null", ""}) {
    const std::string signature = token.substr(token.rfind('.') + 1);
    for (const std::string& end : {std::string{}, signature}) {
      EXPECT_FALSE(sessions.check(base64url(header) + '.' + claims + '.' + end, now)) << header;
    }
  }
}

TEST_F(SessionTest, RefusesWhatIsNoToken) {
  for (const std::string& text : {std::string{}, std::string{"."}, std::string{"..."},
                                  std::string(5'000, 'a'), std::string("a.b.c")}) {
    EXPECT_FALSE(sessions.check(text, now)) << text;
  }
}

TEST(Base64, ReadsOnlyWhatItWouldWrite) {
  for (const std::string& bytes :
       {std::string{}, std::string{"a"}, std::string{"ab"}, std::string("\0\xff\xfe", 3)}) {
    EXPECT_EQ(parse_base64(base64(bytes)), bytes);
    EXPECT_EQ(parse_base64url(base64url(bytes)), bytes);
  }
  for (const char* const text : {"YQ", "YR==", "Y===", "YQ==YQ==", "Y Q=", "%%%%"}) {
    EXPECT_EQ(parse_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace relay::admin
