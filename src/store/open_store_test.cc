#include "store/open_store.h"

#include <gtest/gtest.h>

#include "store/postgres_fixture.h"

namespace relay::store {
namespace {

TEST(OpenStore, OpensWhatTheUrlNames) {
  const TemporaryDirectory directory;
  const SystemClock clock;
  for (const std::string& url : {"sqlite:///" + (directory.path() / "relay.db").string(),
                                 postgres_server().url_of_new_schema()}) {
    EXPECT_FALSE(open_store_to_read(url, clock)) << "there is nothing yet";
    const auto store = open_store(url, clock);
    ASSERT_TRUE(store) << url;
    ASSERT_TRUE((*store)->create_key(named("alice")));
    const auto reader = open_store_to_read(url, clock);
    ASSERT_TRUE(reader) << url;
    EXPECT_EQ((*reader)->all_keys().value().size(), 1u);
  }
}

TEST(OpenStore, ListensWhereOthersMayChangeThings) {
  EXPECT_FALSE(listen_for_changes("sqlite:///relay.db", [](const std::string&) {}));
  EXPECT_TRUE(listen_for_changes(postgres_server().url(), [](const std::string&) {}));
}

TEST(OpenStore, IsAwayWhereNobodyAnswers) {
  PostgresServer server;
  EXPECT_FALSE(is_away(server.url()));
  server.stop();
  EXPECT_TRUE(is_away(server.url()));
  server.start();
  EXPECT_FALSE(is_away(server.url()));
}

TEST(OpenStore, IsNotAwayWhereItCannotComeByItself) {
  EXPECT_FALSE(is_away(postgres_server().url() + "&user=nobody")) << "it refuses us";
  EXPECT_FALSE(is_away("postgresql://h/d?nonsense=1")) << "it cannot even be asked";
  EXPECT_FALSE(is_away("sqlite:///nowhere/relay.db"));
}

TEST(OpenStore, RefusesWhatNamesNoStore) {
  const SystemClock clock;
  for (const char* const url : {"", "relay.db", "mysql://h/d", "sqlite://relay.db", "sqlite:///",
                                "sqlite:///folder/", "postgresql://u:p@ss@h/d"}) {
    EXPECT_EQ(open_store(url, clock).error().code, ErrorCode::invalid_request) << url;
  }
}

}  // namespace
}  // namespace relay::store
