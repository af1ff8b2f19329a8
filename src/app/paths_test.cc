#include "app/paths.h"

#include <gtest/gtest.h>

namespace relay::app {
namespace {

using http::Method;

TEST(Route, KeepsWhatIsReserved) {
  EXPECT_EQ(route_of(Method::get, "/"), Route::root);
  EXPECT_EQ(route_of(Method::get, "/health"), Route::health);
  EXPECT_EQ(route_of(Method::get, "/ready"), Route::ready);
  EXPECT_EQ(route_of(Method::get, "/metrics"), Route::metrics);
  EXPECT_EQ(route_of(Method::post, "/admin/login"), Route::admin);
  EXPECT_EQ(route_of(Method::get, "/admin"), Route::admin);
  EXPECT_EQ(route_of(Method::get, "/api/usage"), Route::usage);
  EXPECT_EQ(route_of(Method::get, "/api/usage/daily"), Route::usage);
  EXPECT_EQ(route_of(Method::get, "/openapi.json"), Route::contract);
  EXPECT_EQ(route_of(Method::get, "/console/keys"), Route::nothing);
  EXPECT_EQ(route_of(Method::head, "/api/hello"), Route::hello);
}

// Claude Code and others use paths that only look like ours.
TEST(Route, ForwardsWhatOnlyBeginsAlike) {
  for (const char* const path : {"/v1/messages", "/api/hello", "/api/usages", "/administrator",
                                 "/healthy", "/v1/metrics", "/api/oauth/usage", "/consoles"}) {
    EXPECT_EQ(route_of(Method::get, path), Route::forward) << path;
  }
}

TEST(Side, KeepsTheAdminApiFromClientsAndForwardingFromOperators) {
  EXPECT_TRUE(is_served(Route::admin, Side::everybody));
  EXPECT_TRUE(is_served(Route::forward, Side::everybody));
  EXPECT_FALSE(is_served(Route::admin, Side::clients));
  EXPECT_TRUE(is_served(Route::forward, Side::clients));
  EXPECT_TRUE(is_served(Route::admin, Side::operators));
  EXPECT_FALSE(is_served(Route::forward, Side::operators));
  for (const Side side : {Side::everybody, Side::clients, Side::operators}) {
    EXPECT_TRUE(is_served(Route::health, side));
    EXPECT_TRUE(is_served(Route::usage, side));
  }
}

}  // namespace
}  // namespace relay::app
