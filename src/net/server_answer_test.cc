// How answers are framed, and how they end when they cannot be completed.
#include "net/server_fixture.h"

namespace relay::net {
namespace {

using ServerAnswerTest = ServerTest;

Task<void> stream(ScriptedService&, http::ClientStream& client) {
  client.begin({.fields = "content-type: text/event-stream\r\n"});
  for (const std::string_view event : {"event one", "", "event two"}) {
    const Result<void> written = co_await client.write(event);
    if (!written) co_return;
  }
  const Result<void> finished = co_await client.finish("the end");
  EXPECT_TRUE(finished);
}

TEST_F(ServerAnswerTest, SendsEachWriteAsOneChunk) {
  service.script = stream;
  Peer client = connect();
  client.send(get);
  expect_heard(client,
               answer(200, "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n",
                      "9\r\nevent one\r\n9\r\nevent two\r\n7\r\nthe end\r\n0\r\n\r\n"));
  client.send(get);
  EXPECT_TRUE(until([&] { return client.hear().ends_with("0\r\n\r\n"); }));
}

TEST_F(ServerAnswerTest, SendsAnHttp10ClientNoChunks) {
  service.script = stream;
  Peer client = connect();
  client.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  expect_end(client);
  EXPECT_EQ(client.take_heard(),
            answer(200, "content-type: text/event-stream\r\nconnection: close\r\n",
                   "event oneevent twothe end"));
  EXPECT_FALSE(client.was_reset());
}

Task<void> say_hello(ScriptedService&, http::ClientStream& client) {
  client.begin({.length = 5});
  const Result<void> finished = co_await client.finish("hello");
  EXPECT_TRUE(finished);
}

TEST_F(ServerAnswerTest, SendsNoBodyToHead) {
  service.script = say_hello;
  Peer client = connect();
  client.send("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
  expect_heard(client, answer(200, "content-length: 5\r\n", ""));
  client.send("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
  expect_heard(client, answer(200, "content-length: 5\r\n", ""));
}

Task<void> answer_with_target_as_status(ScriptedService&, http::ClientStream& client) {
  const int status = std::stoi(client.head().target.substr(1));
  client.begin({.status = status});
  const Result<void> finished = co_await client.finish("");
  EXPECT_TRUE(finished);
}

TEST_F(ServerAnswerTest, SendsNoBodyWithStatusesThatHaveNone) {
  service.script = answer_with_target_as_status;
  Peer client = connect();
  for (const int status : {204, 304}) {
    client.send("GET /" + std::to_string(status) + " HTTP/1.1\r\nhost: a\r\n\r\n");
    expect_heard(client, answer(status, "", ""));
  }
}

Task<void> change_its_mind(ScriptedService&, http::ClientStream& client) {
  client.begin({.status = 200});
  client.begin({.status = 502, .length = 5});
  const Result<void> finished = co_await client.finish("sorry");
  EXPECT_TRUE(finished);
}

TEST_F(ServerAnswerTest, LetsAnotherHeadReplaceOneThatWasNotSent) {
  service.script = change_its_mind;
  Peer client = connect();
  client.send(get);
  expect_heard(client, answer(502, "content-length: 5\r\n", "sorry"));
}

Task<void> send_the_head_alone(ScriptedService& service, http::ClientStream& client) {
  client.begin({.status = 200});
  const Result<void> written = co_await client.write("");
  EXPECT_TRUE(written);
  while (!service.may_go_on) co_await service.loop.next_turn();
  const Result<void> finished = co_await client.finish("");
  EXPECT_TRUE(finished);
}

TEST_F(ServerAnswerTest, SendsTheHeadAloneWhenThereIsNothingElseToWrite) {
  service.script = send_the_head_alone;
  Peer client = connect();
  client.send(get);
  expect_heard(client, answer(200, "transfer-encoding: chunked\r\n", ""));
  service.may_go_on = true;
  expect_heard(client, "0\r\n\r\n");
}

// What goes wrong.

Task<void> forget_the_end(ScriptedService&, http::ClientStream& client) {
  client.begin({.status = 200});
  const Result<void> written = co_await client.write("some");
  EXPECT_TRUE(written);
}
Task<void> say_nothing(ScriptedService&, http::ClientStream&) {
  co_return;
}
Task<void> say_too_little(ScriptedService& service, http::ClientStream& client) {
  client.begin({.length = 5});
  const Result<void> finished = co_await client.finish("four");
  service.seen = finished ? "" : "error";
}
Task<void> say_too_much(ScriptedService& service, http::ClientStream& client) {
  client.begin({.length = 5});
  const Result<void> finished = co_await client.write("too much");
  service.seen = finished ? "" : "error";
}

TEST_F(ServerAnswerTest, CutsAnAnswerThatIsNotFinished) {
  service.script = forget_the_end;
  Peer client = connect();
  client.send(get);
  expect_end(client);
  EXPECT_EQ(client.take_heard(), answer(200, "transfer-encoding: chunked\r\n", "4\r\nsome\r\n"));
}

TEST_F(ServerAnswerTest, ResetsAConnectionWhoseEndWouldLookComplete) {
  service.script = forget_the_end;
  Peer client = connect();
  client.send("GET / HTTP/1.0\r\n\r\n");
  expect_end(client);
  EXPECT_TRUE(client.was_reset());
}

TEST_F(ServerAnswerTest, ClosesAConnectionThatWasNotAnswered) {
  service.script = say_nothing;
  Peer client = connect();
  client.send(get);
  expect_end(client);
  EXPECT_EQ(client.take_heard(), "");
}

TEST_F(ServerAnswerTest, CutsABodyOfAnotherLengthThanItsHeadSays) {
  for (const auto script : {say_too_little, say_too_much}) {
    service.script = script;
    Peer client = connect();
    client.send(get);
    expect_end(client);
    EXPECT_EQ(service.seen, "error");
  }
}

Task<void> cut_and_go_on(ScriptedService& service, http::ClientStream& client) {
  client.begin({.status = 200});
  const Result<void> written = co_await client.write("some");
  EXPECT_TRUE(written);
  client.cut();
  const Result<void> more = co_await client.write("more");
  EXPECT_FALSE(more);
  service.running = 1;
  while (!service.may_go_on) co_await service.loop.next_turn();
}

TEST_F(ServerAnswerTest, LetsTheClientSeeACutBeforeTheServiceReturns) {
  service.script = cut_and_go_on;
  Peer client = connect();
  client.send(get);
  EXPECT_TRUE(until([&] { return service.running == 1; }));
  expect_end(client);
  EXPECT_EQ(client.take_heard(), answer(200, "transfer-encoding: chunked\r\n", "4\r\nsome\r\n"));
  service.may_go_on = true;
}

// Who leaves.

Task<void> wait_until_gone(ScriptedService& service, http::ClientStream& client) {
  ++service.running;
  co_await client.gone();
  --service.running;
  service.seen += "gone";
}

TEST_F(ServerAnswerTest, NoticesInSilenceThatTheClientLeaves) {
  service.script = wait_until_gone;
  for (const bool has_reset : {false, true}) {
    service.seen.clear();
    Peer client = connect();
    client.send(get);
    EXPECT_TRUE(until([&] { return service.running == 1; }));
    turn();
    EXPECT_EQ(service.seen, "");
    has_reset ? client.close_with_reset() : client.close();
    loop.poll();
    EXPECT_EQ(service.seen, "gone") << "one turn is enough";
  }
}

Task<void> write_for_ever(ScriptedService& service, http::ClientStream& client) {
  client.begin({.status = 200});
  for (;;) {
    const Result<void> written = co_await client.write("event");
    if (!written) {
      service.seen = written.error().code == ErrorCode::client_gone ? "gone" : "another error";
      co_return;
    }
    co_await service.loop.next_turn();
  }
}

TEST_F(ServerAnswerTest, FailsToWriteToAClientThatLeft) {
  service.script = write_for_ever;
  Peer client = connect();
  client.send(get);
  EXPECT_TRUE(until([&] { return client.hear().size() > 1'000; }));
  client.close_with_reset();
  EXPECT_TRUE(until([&] { return service.seen == "gone"; }));
}

}  // namespace
}  // namespace relay::net
