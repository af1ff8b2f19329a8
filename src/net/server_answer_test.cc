// How answers are framed, and how they end when they cannot be completed.
#include "net/server_fixture.h"

namespace relay::net {
namespace {

using ServerAnswerTest = ServerTest;

Task<void> stream(ScriptedService&, ClientConnection& client) {
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

Task<void> say_hello(ScriptedService&, ClientConnection& client) {
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

}  // namespace
}  // namespace relay::net
