#include "app/url.h"

#include <gtest/gtest.h>

namespace relay::app {
namespace {

TEST(Url, IsTakenApart) {
  const auto url = parse_url("HTTPS://Api.Example.COM:8443/relay/v1/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "api.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/relay/v1");
  EXPECT_EQ(url->to_string(), "https://api.example.com:8443/relay/v1");
}

TEST(Url, LeavesOutTheSchemesOwnPort) {
  EXPECT_EQ(parse_url("https://x:443/")->authority(), "x");
  EXPECT_EQ(parse_url("http://x")->port, 80);
  EXPECT_EQ(parse_url("http://x:443")->authority(), "x:443");
}

TEST(Url, KnowsIpv6) {
  const auto url = parse_url("http://[::1]:8080/v1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->authority(), "[::1]:8080");
}

TEST(Url, KeepsTheUserOfAProxy) {
  const auto url = parse_url("socks5://user:p%40ss@10.0.0.1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->user_info, "user:p%40ss");
  EXPECT_EQ(url->port, 1080);
  EXPECT_EQ(url->to_string(), "socks5://10.0.0.1");
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* text :
       {"", "x", "://x", "ftp://x", "http://", "http:///v1", "http://x:", "http://x:0",
        "http://x:65536", "http://x:8 0", "http://x/?a", "http://x/#a", "http://a b/",
        "http://x\r\n", "http://[::1", "http://::1", "https://exa_mple.com/\x7f"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, JoinsTargetsWithoutDoublingV1) {
  EXPECT_EQ(join_target("/v1", "/v1/messages?beta=true"), "/v1/messages?beta=true");
  EXPECT_EQ(join_target("", "/v1/messages"), "/v1/messages");
  EXPECT_EQ(join_target("/relay/v1", "/v1/models"), "/relay/v1/models");
  EXPECT_EQ(join_target("/relay", "/v1/models"), "/relay/v1/models");
  EXPECT_EQ(join_target("/v1", "/api/hello"), "/api/hello");
}

}  // namespace
}  // namespace relay::app
