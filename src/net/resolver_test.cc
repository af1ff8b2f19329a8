#include "net/resolver.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>

#include "net/listener.h"
#include "net/socket_fixture.h"

namespace relay::net {
namespace {

using testing::ElementsAre;

Endpoint endpoint(std::string_view text) {
  return parse_endpoint(text).value();
}

// A manual clock, so that names grow old at once; the look-ups are real work on a real thread.
struct ResolverTest : SocketTest {
  using Found = std::optional<IoResult<std::vector<Endpoint>>>;

  Workers workers{1, 2};
  Guarded<IoResult<std::vector<Address>>> answer;
  std::atomic<int> look_ups = 0;
  Resolver resolver{loop, workers, [this](const std::string&) {
                      ++look_ups;
                      return IoResult<std::vector<Address>>{*answer.lock().operator->()};
                    }};

  void answers(std::vector<std::string_view> hosts) {
    std::vector<Address> addresses;
    for (const std::string_view host : hosts) addresses.push_back(parse_address(host).value());
    *answer.lock().operator->() = addresses;
  }
  void fails(std::errc error) { *answer.lock().operator->() = std::unexpected(error); }

  IoResult<std::vector<Endpoint>> resolve(const std::string& host) {
    Task<IoResult<std::vector<Endpoint>>> resolving = resolver.resolve(host, 443, soon);
    resolving.start();
    while (!resolving.done()) loop.poll();
    return resolving.result();
  }
};

TEST_F(ResolverTest, TakesAnAddressAsItIs) {
  EXPECT_THAT(resolve("192.0.2.1").value(), ElementsAre(endpoint("192.0.2.1:443")));
  EXPECT_THAT(resolve("2001:db8::1").value(), ElementsAre(endpoint("[2001:db8::1]:443")));
  EXPECT_EQ(look_ups, 0);
}

TEST_F(ResolverTest, LetsTheFamiliesTakeTurns) {
  answers({"2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2", "192.0.2.3"});
  EXPECT_THAT(resolve("upstream.test").value(),
              ElementsAre(endpoint("[2001:db8::1]:443"), endpoint("192.0.2.1:443"),
                          endpoint("[2001:db8::2]:443"), endpoint("192.0.2.2:443"),
                          endpoint("192.0.2.3:443")));
}

TEST_F(ResolverTest, RemembersANameForAWhile) {
  answers({"192.0.2.1"});
  EXPECT_TRUE(resolve("upstream.test"));
  answers({"192.0.2.2"});
  EXPECT_THAT(resolve("upstream.test").value(), ElementsAre(endpoint("192.0.2.1:443")));
  EXPECT_EQ(look_ups, 1);
  clock.advance(limits::resolved_fresh);
  soon = clock.now() + 5s;
  loop.poll();
  EXPECT_THAT(resolve("upstream.test").value(), ElementsAre(endpoint("192.0.2.2:443")));
}

TEST_F(ResolverTest, AsksAgainSoonForANameThatWasNotFound) {
  fails(std::errc::address_not_available);
  EXPECT_EQ(resolve("upstream.test").error(), std::errc::address_not_available);
  EXPECT_EQ(resolve("upstream.test").error(), std::errc::address_not_available);
  EXPECT_EQ(look_ups, 1);
  answers({"192.0.2.1"});
  clock.advance(limits::unresolved_fresh);
  loop.poll();
  EXPECT_TRUE(resolve("upstream.test"));
}

TEST_F(ResolverTest, GivesOldAddressesWhileNobodyCanBeAsked) {
  answers({"192.0.2.1"});
  EXPECT_TRUE(resolve("upstream.test"));
  fails(std::errc::resource_unavailable_try_again);
  clock.advance(limits::resolved_fresh);
  soon = clock.now() + 5s;
  loop.poll();
  EXPECT_THAT(resolve("upstream.test").value(), ElementsAre(endpoint("192.0.2.1:443")));
  EXPECT_EQ(look_ups, 2);
}

TEST_F(ResolverTest, LooksUpOnceForAllWhoAskAtTheSameTime) {
  answers({"192.0.2.1"});
  std::vector<Task<IoResult<std::vector<Endpoint>>>> asking;
  for (int i = 0; i < 10; ++i) {
    asking.push_back(resolver.resolve("upstream.test", 443, soon));
    asking.back().start();
  }
  for (auto& each : asking) {
    while (!each.done()) loop.poll();
    EXPECT_TRUE(each.result().has_value());
  }
  EXPECT_EQ(look_ups, 1);
}

TEST_F(ResolverTest, EndsAtItsDeadlineAndWhenTheWorkersHaveTooMuchToDo) {
  const auto latch = std::make_shared<std::latch>(1), running = std::make_shared<std::latch>(1);
  ASSERT_TRUE(workers.submit([latch, running] {
    running->count_down();
    latch->wait();
  }));
  running->wait();
  {
    Task<IoResult<std::vector<Endpoint>>> slow = resolver.resolve("slow.test", 443, soon);
    slow.start();
    clock.advance(5s);
    loop.poll();
    ASSERT_TRUE(slow.done());
    EXPECT_EQ(slow.result().error(), std::errc::timed_out);
  }
  ASSERT_TRUE(workers.submit([] {}));
  EXPECT_EQ(resolve("other.test").error(), std::errc::no_buffer_space);
  latch->count_down();
}

TEST(LookUp, FindsThisMachineAndSaysWhatItDoesNotFind) {
  const IoResult<std::vector<Address>> found = look_up("localhost");
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(*found, testing::Contains(Endpoint::loopback(0).address));
  EXPECT_FALSE(look_up("no such name").has_value());
}

TEST_F(ResolverTest, ConnectsToTheNextWhenOneRefuses) {
  const Listener listener = *Listener::open(loop, Endpoint::loopback(0));
  Endpoint nobody = endpoint("[::1]:0");
  nobody.port = listener.port();
  Task<IoResult<Socket>> connecting =
      connect_to_any(loop, {nobody, Endpoint::loopback(listener.port())}, soon);
  connecting.start();
  for (int turn = 0; turn < 1'000 && !connecting.done(); ++turn) loop.poll();
  ASSERT_TRUE(connecting.done());
  EXPECT_TRUE(connecting.result().has_value());
}

}  // namespace
}  // namespace relay::net
