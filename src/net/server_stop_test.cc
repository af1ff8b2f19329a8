// How a server ends.
#include "net/server_fixture.h"

namespace relay::net {
namespace {

using ServerStopTest = ServerTest;

Task<void> wait_for_permission(ScriptedService& service, http::ClientStream& client) {
  ++service.running;
  while (!service.may_go_on) co_await service.loop.next_turn();
  --service.running;
  client.begin({.length = 4});
  const Result<void> finished = co_await client.finish("done");
  EXPECT_TRUE(finished);
}

TEST_F(ServerStopTest, ClosesThePortAndWhatIsIdleAtOnce) {
  Peer fresh = connect(), used = connect();
  used.send(get);
  expect_heard(used, answer(""));
  EXPECT_TRUE(until([&] { return share.gate.open() == 2; }));
  turn();

  stop(no_deadline);
  EXPECT_TRUE(until([&] { return stopping->done(); }));
  EXPECT_TRUE(fresh.has_ended() && used.has_ended());
  EXPECT_FALSE(fresh.was_reset() || used.was_reset());
  const Fd late{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  SocketAddress to = to_socket_address(Endpoint::loopback(port));
  EXPECT_NE(::connect(late.get(), to.get(), to.size), 0);
}

TEST_F(ServerStopTest, LetsExchangesFinishAndSaysThatTheyAreTheLast) {
  service.script = wait_for_permission;
  Peer client = connect();
  client.send(get);
  EXPECT_TRUE(until([&] { return service.running == 1; }));
  stop(no_deadline);
  turn();
  EXPECT_FALSE(stopping->done());

  service.may_go_on = true;
  expect_heard(client, last_answer(200, "done"));
  expect_end(client);
  EXPECT_TRUE(until([&] { return stopping->done(); }));
}

TEST_F(ServerStopTest, ServesARequestThatIsComingIn) {
  Peer client = connect();
  client.send(get.substr(0, 10));
  turn();
  stop(no_deadline);
  turn();
  client.send(get.substr(10));
  expect_heard(client, last_answer(200, ""));
}

Task<void> say_goodbye(ScriptedService& service, http::ClientStream& client) {
  ++service.running;
  client.begin({});
  const Result<void> begun = co_await client.write("begun");
  EXPECT_TRUE(begun);
  co_await client.gone();
  EXPECT_TRUE(client.must_end());
  const Result<void> said = co_await client.write(" goodbye");
  EXPECT_TRUE(said);
  client.cut();
}

TEST_F(ServerStopTest, TellsAtTheDeadlineWhatStillRunsToEnd) {
  service.script = say_goodbye;
  Peer client = connect();
  client.send(get);
  EXPECT_TRUE(until([&] { return client.hear().ends_with("begun\r\n"); }));
  stop(clock.now() + 5s);
  turn();
  EXPECT_FALSE(stopping->done());
  clock.advance(5s);
  EXPECT_TRUE(until([&] { return stopping->done(); }));
  expect_end(client);
  EXPECT_TRUE(client.take_heard().ends_with(" goodbye\r\n"));
}

TEST_F(ServerStopTest, CutsSoonAfterTheDeadlineWhatStillRuns) {
  service.script = wait_for_permission;
  Peer client = connect();
  client.send(get);
  EXPECT_TRUE(until([&] { return service.running == 1; }));
  stop(clock.now() + 5s);
  turn();
  EXPECT_FALSE(stopping->done());
  clock.advance(5s);
  turn();
  EXPECT_FALSE(stopping->done());
  clock.advance(limits::last_words_max);
  EXPECT_TRUE(until([&] { return stopping->done(); }));
  expect_end(client);
  EXPECT_EQ(client.take_heard(), "");
}

}  // namespace
}  // namespace relay::net
