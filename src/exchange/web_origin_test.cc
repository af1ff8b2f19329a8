#include "exchange/web_origin.h"

#include <gtest/gtest.h>

namespace relay::exchange {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view origin;
  bool is_allowed;
};

// T26.
constexpr Case cases[] = {
    {"example.com", "https://example.com", true},
    {"example.com", "http://example.com", true},
    {"example.com", "https://EXAMPLE.com", true},
    {"Example.COM", "https://example.com", true},
    {"example.com", "https://example.com:8443", true},
    {"example.com:443", "https://example.com", true},
    {"example.com:443", "https://example.com:443", true},
    {"example.com:8443", "https://example.com:8443", true},
    {"example.com:80", "http://example.com", true},
    {"localhost:3000", "http://localhost:3000", true},
    {"[::1]:3000", "http://[::1]:3000", true},
    {"[::1]", "http://[::1]:3000", true},
    {"xn--bcher-kva.example", "https://xn--bcher-kva.example", true},
    {"*.example.com", "https://app.example.com", true},
    {"*.example.com", "https://a.b.example.com:1234", true},
    {"*.example.com:8443", "https://a.example.com:8443", true},
    {"abcdefgh", "chrome-extension://abcdefgh", true},

    {"example.com", "https://evil-example.com", false},
    {"example.com", "https://example.com.evil.com", false},
    {"example.com", "https://app.example.com", false},
    {"example.com", "https://example.com@evil.com", false},
    {"example.com", "https://user:example.com@evil.com", false},
    {"example.com", "https://example.com.", false},
    {"example.com", "https://example.com:", false},
    {"example.com", "https://example.com:0", false},
    {"example.com", "https://example.com:65536", false},
    {"example.com", "https://example.com:8443x", false},
    {"example.com", "https://example.com\\.evil.com", false},
    {"example.com",
     "https://b\xc3\xbc"
     "cher.example.com",
     false},
    {"example.com", "null", false},
    {"example.com", "", false},
    {"example.com", "example.com", false},
    {"example.com", "://example.com", false},
    {"example.com", "//example.com", false},
    {"example.com", "https://", false},
    {"example.com", "https://example.com https://evil.com", false},
    {"example.com", "https://evil.com https://example.com", false},
    {"example.com", "javascript:https://example.com", false},
    {"example.com:443", "https://example.com:8443", false},
    {"example.com:443", "http://example.com", false},
    {"example.com:443", "capacitor://example.com", false},
    {"*.example.com", "https://example.com", false},
    {"*.example.com", "https://.example.com", false},
    {"*.example.com", "https://evil-example.com", false},
    {"*.example.com", "https://a.example.com.evil.com", false},
    {"*.example.com", "https://a..example.com", false},
    {"*.example.com:443", "https://a.example.com:444", false},
    {"[::1]", "http://[::2]", false},
    {"", "https://example.com", false},
    {"*", "https://example.com", false},
    {"*.", "https://example.com", false},
    {"*example.com", "https://evilexample.com", false},
    {"example.*", "https://example.com", false},
};

bool is_allowed(const http::Fields& fields, std::string_view pattern) {
  const std::optional<WebOrigin> origin = web_origin_of(fields);
  return origin && matches_domain(*origin, pattern);
}

TEST(WebOrigin, MatchesWholeHostsAndWhatLiesBelowASuffix) {
  for (const Case& each : cases) {
    http::Fields fields;
    fields.add("Origin", each.origin);
    EXPECT_EQ(is_allowed(fields, each.pattern), each.is_allowed)
        << each.pattern << " " << each.origin;
  }
}

TEST(WebOrigin, IsOfTheRefererWhereThereIsNoOrigin) {
  http::Fields fields;
  fields.add("Referer", "https://example.com:8443/page?x=https://evil.com#top");
  EXPECT_TRUE(is_allowed(fields, "example.com"));
  EXPECT_TRUE(is_allowed(fields, "example.com:8443"));
  EXPECT_FALSE(is_allowed(fields, "evil.com"));

  fields.add("Origin", "null");
  EXPECT_FALSE(is_allowed(fields, "example.com")) << "an origin that is hidden is one";
}

TEST(WebOrigin, OfARefererIsItsHostWhateverComesBehind) {
  for (const std::string_view referer :
       {"https://evil.com/https://example.com", "https://evil.com?example.com",
        "https://evil.com#@example.com", "https://example.com@evil.com/",
        "https://evil.com/.example.com"}) {
    http::Fields fields;
    fields.add("Referer", referer);
    EXPECT_FALSE(is_allowed(fields, "example.com")) << referer;
    EXPECT_FALSE(is_allowed(fields, "*.example.com")) << referer;
  }
}

TEST(WebOrigin, HasNoPath) {
  http::Fields fields;
  fields.add("Origin", "https://example.com/page");
  EXPECT_FALSE(is_allowed(fields, "example.com"));
}

TEST(WebOrigin, IsSaidOnce) {
  http::Fields fields;
  EXPECT_FALSE(is_allowed(fields, "example.com"));
  fields.add("Origin", "https://example.com");
  EXPECT_TRUE(is_allowed(fields, "example.com"));
  fields.add("Origin", "https://example.com");
  EXPECT_FALSE(is_allowed(fields, "example.com"));
}

}  // namespace
}  // namespace relay::exchange
