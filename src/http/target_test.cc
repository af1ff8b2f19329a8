#include "http/target.h"

#include <gtest/gtest.h>

namespace relay::http {
namespace {

std::string joined(std::string_view base_path, std::string_view target) {
  std::string out(base_path.size() + target.size(), '\0');
  out.resize(
      static_cast<std::size_t>(put_joined_target(out.data(), base_path, target) - out.data()));
  return out;
}

TEST(CheckPath, LetsOrdinaryPathsThrough) {
  for (const char* path : {"/",
                           "*",
                           "/v1/messages",
                           "/v1/files/file_01%2Babc/content",
                           "/v1/files/",
                           "/a.b/..c/...",
                           "/v1/%E2%82%AC",
                           "/%2Ex",
                           "/admin",
                           "/admin/",
                           "/admin/keys/AbC%20d",
                           "/api/usage/daily",
                           "/api/hello",
                           "/health",
                           "/healthz",
                           "/readiness",
                           "/v1/metrics",
                           "/openapi.jsonx",
                           "/administrator",
                           "/x/admin",
                           "/%2561dmin"}) {
    EXPECT_TRUE(check_path(path).has_value()) << path;
  }
}

TEST(CheckPath, RefusesEmptyAndDotSegmentsInAnySpelling) {
  for (const char* path : {"",
                           "v1",
                           "//",
                           "//v1",
                           "/v1//messages",
                           "/v1//",
                           "/.",
                           "/..",
                           "/v1/.",
                           "/v1/..",
                           "/./v1",
                           "/../v1",
                           "/v1/../admin",
                           "/%2e",
                           "/%2E%2e/",
                           "/.%2e/x",
                           "/%2e./x",
                           "/v1/%2e%2e%2fadmin",
                           "/v1%2f..%2fadmin",
                           "/%2fadmin",
                           "/v1%2F/x",
                           "/v1/%2f",
                           "/a/%2e%2f"}) {
    EXPECT_FALSE(check_path(path).has_value()) << path;
  }
}

TEST(CheckPath, RefusesEscapedControlsAndBackslashes) {
  for (const char* path :
       {"/%00", "/a%0d%0ab", "/a%1f", "/a%7F", "/a%5cb", "/a%5C..%5cb", "/%09"}) {
    EXPECT_FALSE(check_path(path).has_value()) << path;
  }
}

TEST(CheckPath, RefusesReservedPathsInDisguise) {
  for (const char* path :
       {"/Admin", "/ADMIN/keys", "/%61dmin", "/adm%69n/keys", "/admin%2fkeys", "/admin%2Fkeys",
        "/Console/x", "/api/Usage", "/API/usage/daily", "/api%2fusage", "/api/usage%2Fdaily",
        "/Health", "/healt%68", "/READY", "/metricS/", "/openapi%2ejson", "/OpenAPI.json"}) {
    EXPECT_FALSE(check_path(path).has_value()) << path;
  }
}

TEST(CheckPath, SaysWhatIsWrong) {
  const Result<void> checked = check_path("/v1/../x");
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(checked.error().message, "the path has a dot segment");
}

TEST(IsReserved, MeansThePrefixAndWhatIsBelow) {
  for (const char* path : {"/admin", "/admin/", "/admin/x", "/api/usage", "/api/usage/daily/x",
                           "/health", "/openapi.json", "/metrics/"}) {
    EXPECT_TRUE(is_reserved(path)) << path;
  }
  for (const char* path :
       {"/", "/v1/messages", "/administrator", "/api", "/api/hello", "/healthz"}) {
    EXPECT_FALSE(is_reserved(path)) << path;
  }
}

TEST(IsUnder, ComparesAsALenientUpstreamMight) {
  EXPECT_TRUE(is_under("/v1/organizations", "/v1/organizations"));
  EXPECT_TRUE(is_under("/V1/%6frganizations%2Fx", "/v1/organizations"));
  EXPECT_FALSE(is_under("/v1/organizationsx", "/v1/organizations"));
  EXPECT_FALSE(is_under("/v1", "/v1/organizations"));
}

TEST(JoinTarget, DoesNotDoubleTheVersion) {
  EXPECT_EQ(joined("", "/v1/messages?x"), "/v1/messages?x");
  EXPECT_EQ(joined("/", "/v1/messages"), "/v1/messages");
  EXPECT_EQ(joined("/v1", "/v1/messages?x"), "/v1/messages?x");
  EXPECT_EQ(joined("/v1/", "/v1/messages"), "/v1/messages");
  EXPECT_EQ(joined("/prefix", "/v1/messages"), "/prefix/v1/messages");
  EXPECT_EQ(joined("/prefix/", "/v1/messages"), "/prefix/v1/messages");
  EXPECT_EQ(joined("/prefix/v1", "/v1/messages"), "/prefix/v1/messages");
  EXPECT_EQ(joined("/prefix/xv1", "/v1/messages"), "/prefix/xv1/v1/messages");
  EXPECT_EQ(joined("/v1", "/api/hello"), "/api/hello");
  EXPECT_EQ(joined("/prefix", "*"), "*");
}

TEST(JoinTarget, PassesPathAndQueryByteForByte) {
  EXPECT_EQ(joined("/p", "/v1/%2B%c3?a=%20&b=/?&"), "/p/v1/%2B%c3?a=%20&b=/?&");
}

}  // namespace
}  // namespace relay::http
