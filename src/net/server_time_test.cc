// What a client may take its time for, and how long.
#include "net/server_fixture.h"

namespace relay::net {
namespace {

using ServerTimeTest = ServerTest;

TEST_F(ServerTimeTest, ClosesInSilenceAConnectionOnWhichNothingComes) {
  Peer client = connect();
  EXPECT_TRUE(until([&] { return share.gate.open() == 1; }));
  turn();
  clock.advance(limits::client_idle_timeout - 1ms);
  turn();
  EXPECT_FALSE(client.has_ended());
  clock.advance(1ms);
  expect_end(client);
  EXPECT_EQ(client.take_heard(), "");
}

TEST_F(ServerTimeTest, ClosesInSilenceAConnectionThatIsIdle) {
  Peer client = connect();
  client.send(get);
  expect_heard(client, answer(""));
  clock.advance(limits::client_idle_timeout);
  expect_end(client);
  EXPECT_EQ(client.take_heard(), "");
}

// Every byte comes in time, the head as a whole does not.
TEST_F(ServerTimeTest, TellsAClientWhoseHeadTakesTooLong) {
  Peer client = connect();
  for (const char byte : get.substr(0, 10)) {
    client.send({&byte, 1});
    turn();
    clock.advance(1s);
    turn();
  }
  expect_heard(client, last_answer(408, "refused"));
}

TEST_F(ServerTimeTest, CountsTheTimeOfAPipelinedHeadFromTheAnswerBefore) {
  Peer client = connect();
  client.send(std::string{get} + "GET");
  expect_heard(client, answer(""));
  clock.advance(limits::request_head_timeout);
  expect_heard(client, last_answer(408, "refused"));
}

TEST_F(ServerTimeTest, TellsAClientWhoseBodyStops) {
  Peer client = connect();
  client.send(post("hello").substr(0, post("hello").size() - 1));
  turn();
  clock.advance(limits::body_grace + 1s);
  expect_heard(client, last_answer(408, "bad"));
}

TEST_F(ServerTimeTest, HasPatienceWithASlowBodyThatKeepsItsPace) {
  const std::string body(30 * 1024, 'x');
  Peer client = connect();
  client.send(post(body).substr(0, post(body).size() - body.size()));
  for (int second = 0; second < 30; ++second) {
    clock.advance(1s);
    turn();
    client.send(body.substr(0, 1024));
    turn();
  }
  expect_heard(client, answer(body));
}

TEST_F(ServerTimeTest, TellsAClientWhoseBodyDripsAway) {
  Peer client = connect();
  client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n");
  for (int second = 0; second < 11; ++second) {
    client.send("xxx");
    turn();
    clock.advance(1s);
    turn();
  }
  expect_heard(client, last_answer(408, "bad"));
}

Task<void> pour(ScriptedService& service, http::ClientStream& client) {
  client.begin({.status = 200});
  const std::string much(1024 * 1024, 'x');
  for (;;) {
    const Result<void> written = co_await client.write(much);
    if (!written) break;
    ++service.running;
  }
  service.seen = "gone";
}

TEST_F(ServerTimeTest, ResetsAClientThatDoesNotRead) {
  service.script = pour;
  Peer client = connect();
  client.send(get);
  int before = -1;
  EXPECT_TRUE(until([&] { return std::exchange(before, service.running) == service.running; }));
  turn();
  clock.advance(limits::write_stall_max);
  EXPECT_TRUE(until([&] { return service.seen == "gone"; }));
  expect_end(client);
  EXPECT_TRUE(client.was_reset());
}

}  // namespace
}  // namespace relay::net
