#include "store/change_listener.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "store/postgres_fixture.h"
#include "store/postgres_store.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;

// What a listener has said, in order.
struct Heard {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> tables;

  void add(const std::string& table) {
    const std::lock_guard lock{mutex};
    tables.push_back(table);
    changed.notify_all();
  }
  // The next one; what was said before it is forgotten.
  bool next_is(const std::string& table) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, 20s, [&] {
      const auto found = std::ranges::find(tables, table);
      if (found == tables.end()) return false;
      tables.erase(tables.begin(), found + 1);
      return true;
    });
  }
};

TEST(ChangeListener, HearsOfWhatAnotherRelayChanges) {
  const std::string url = postgres_server().url_of_new_schema();
  const SystemClock clock;
  const auto store = PostgresStore::open(url, clock).value();
  Heard heard;
  const ChangeListener listener{url, [&](const std::string& table) { heard.add(table); }};
  ASSERT_TRUE(heard.next_is("")) << "it is there: anything may have happened before";

  const auto other = PostgresStore::open(url, clock).value();
  ASSERT_TRUE(other->create_key(named("alice")));
  EXPECT_TRUE(heard.next_is("api_keys"));
  ASSERT_TRUE(other->set_key_active("uuid of alice", false));
  EXPECT_TRUE(heard.next_is("api_keys"));
  ASSERT_TRUE(other->put_tier({.name = "gold"}, audit("tier.put", "gold")));
  EXPECT_TRUE(heard.next_is("tiers"));
  ASSERT_TRUE(other->set_setting("name", "value"));
  EXPECT_TRUE(heard.next_is("settings"));
}

TEST(ChangeListener, ComesBackWhenItsConnectionBreaks) {
  const std::string url = postgres_server().url_of_new_schema();
  const auto hand = PostgresConnection::open(url).value();
  Heard heard;
  const ChangeListener listener{url, [&](const std::string& table) { heard.add(table); }};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(heard.next_is(""));
    ASSERT_TRUE(hand->run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"));
  }
}

TEST(ChangeListener, EndsAtOnceWhetherTheServerIsThereOrNot) {
  const auto began = std::chrono::steady_clock::now();
  {
    const ChangeListener there{postgres_server().url(), [](const std::string&) {}};
    const ChangeListener away{"postgresql://relay@127.0.0.1:1/postgres", [](const std::string&) {}};
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

}  // namespace
}  // namespace relay::store
