#include "claude/endpoint.h"

#include <gtest/gtest.h>

namespace relay::claude {
namespace {

using core::Endpoint;
using http::Method;

TEST(ApiCall, KnowsTheEndpoints) {
  EXPECT_EQ(api_call(Method::post, "/v1/messages").endpoint, Endpoint::messages);
  EXPECT_EQ(api_call(Method::post, "/v1/messages/count_tokens").endpoint, Endpoint::count_tokens);
  EXPECT_EQ(api_call(Method::post, "/v1/chat/completions").endpoint, Endpoint::chat_completions);
  EXPECT_EQ(api_call(Method::get, "/v1/messages/batches/b/results").endpoint, Endpoint::batches);
  EXPECT_EQ(api_call(Method::get, "/v1/files/f/content").endpoint, Endpoint::files);
  EXPECT_EQ(api_call(Method::get, "/v1/models/claude-opus-5-5").endpoint, Endpoint::models);
  EXPECT_EQ(api_call(Method::get, "/v1/filesystem").endpoint, Endpoint::other);
  EXPECT_EQ(api_call(Method::get, "/v1/messages/thread").endpoint, Endpoint::other);
  EXPECT_EQ(api_call(Method::get, "").endpoint, Endpoint::other);
}

TEST(ApiCall, MetersWhatIsBilledAtOnce) {
  EXPECT_TRUE(api_call(Method::post, "/v1/messages").is_metered);
  EXPECT_TRUE(api_call(Method::post, "/v1/chat/completions").is_metered);
  EXPECT_FALSE(api_call(Method::get, "/v1/messages").is_metered);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages/count_tokens").is_metered);
  EXPECT_TRUE(api_call(Method::post, "/v1/messages/count_tokens").is_peeked);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages/batches").is_peeked);
}

TEST(ApiCall, TellsWhereBatchesBeginAndWhereTheirResultsAre) {
  EXPECT_TRUE(api_call(Method::post, "/v1/messages/batches").creates_batch);
  EXPECT_FALSE(api_call(Method::get, "/v1/messages/batches").creates_batch);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages/batches/b/cancel").creates_batch);
  for (const auto* path : {"/v1/messages/batches/b/results", "/v1/messages/Batches/b/results/",
                           "/v1/messages/batches/b%2fresults"}) {
    EXPECT_TRUE(api_call(Method::get, path).gives_results) << path;
  }
  EXPECT_FALSE(api_call(Method::get, "/v1/messages/batches/b").gives_results);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages/batches/b/results").gives_results);
}

TEST(ApiCall, TakesTheIdOfABatchFromItsPath) {
  EXPECT_EQ(batch_id_in("/v1/messages/batches/msgbatch_01Ab/results"), "msgbatch_01Ab");
  EXPECT_EQ(batch_id_in("/V1/messages/batches/msgbatch%5F01Ab%2Fresults/"), "msgbatch_01Ab");
  EXPECT_EQ(batch_id_in("/v1/messages/batches/msgbatch_01Ab"), "msgbatch_01Ab");
}

// Else another spelling would be a way to be served and not charged.
TEST(ApiCall, SeesThroughOtherSpellingsOfAPath) {
  for (const auto* path : {"/v1/%6Dessages", "/v1/messages/", "/V1/Messages", "/v1%2fmessages"}) {
    EXPECT_TRUE(api_call(Method::post, path).is_metered) << path;
  }
  EXPECT_TRUE(api_call(Method::get, "/v1/%6frganizations/me").is_organization);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages%").is_metered);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages%2").is_metered);
}

TEST(ApiCall, LimitsBodiesAsTheUpstreamDoes) {
  EXPECT_EQ(api_call(Method::post, "/v1/messages").body_bytes_max, 32 * limits::mib);
  EXPECT_EQ(api_call(Method::post, "/v1/messages/batches").body_bytes_max, 256 * limits::mib);
  EXPECT_EQ(api_call(Method::post, "/v1/files").body_bytes_max, 500 * limits::mib);
  EXPECT_EQ(api_call(Method::post, "/v1/anything").body_bytes_max, 32 * limits::mib);
}

TEST(ApiCall, StreamsTheBodiesThatAreTooLargeToHold) {
  EXPECT_TRUE(api_call(Method::post, "/v1/files").is_body_streamed);
  EXPECT_TRUE(api_call(Method::post, "/v1/messages/batches").is_body_streamed);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages/batches/b/cancel").is_body_streamed);
  EXPECT_FALSE(api_call(Method::post, "/v1/messages").is_body_streamed);
}

TEST(ApiCall, CountsOnlyTheCoreAsCore) {
  EXPECT_TRUE(api_call(Method::post, "/v1/messages").is_core);
  EXPECT_TRUE(api_call(Method::get, "/v1/models").is_core);
  EXPECT_TRUE(api_call(Method::head, "/v1/models").is_core);
  EXPECT_TRUE(api_call(Method::delete_, "/v1/messages/batches/b").is_core);
  EXPECT_TRUE(api_call(Method::get, "/v1/files/f/content").is_core);
  EXPECT_FALSE(api_call(Method::delete_, "/v1/messages").is_core);
  EXPECT_FALSE(api_call(Method::get, "/v1/files/f/content/x").is_core);
  EXPECT_FALSE(api_call(Method::post, "/v1/skills").is_core);
  EXPECT_FALSE(api_call(Method::get, "/v1/organizations/me").is_core);
  EXPECT_FALSE(api_call(Method::get, "/api/hello").is_core);
}

TEST(ApiCall, KnowsWhatAdministersTheAccount) {
  EXPECT_TRUE(api_call(Method::get, "/v1/organizations").is_organization);
  EXPECT_TRUE(api_call(Method::get, "/v1/organizations/api_keys").is_organization);
  EXPECT_FALSE(api_call(Method::get, "/v1/organizational").is_organization);
}

}  // namespace
}  // namespace relay::claude
