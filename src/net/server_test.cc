#include "net/server.h"

#include <stdexcept>

#include "net/server_fixture.h"

namespace relay::net {
namespace {

TEST_F(ServerTest, AnswersARequest) {
  Peer client = connect();
  client.send(post("hello"));
  expect_heard(client, answer("hello"));
  EXPECT_EQ(service.requests, "POST /\n");
  EXPECT_EQ(server.counters().requests, 1u);
}

TEST_F(ServerTest, KeepsTheConnectionForTheNextRequest) {
  Peer client = connect();
  for (const std::string_view body : {"one", "two", "three"}) {
    client.send(post(body));
    expect_heard(client, answer(body));
  }
  EXPECT_EQ(server.counters().connections, 1u);
}

TEST_F(ServerTest, HoldsNoBufferWhileAConnectionIsIdle) {
  Peer client = connect();
  client.send(get);
  expect_heard(client, answer(""));
  EXPECT_EQ(buffers.stream.in_use(), 0u);
}

TEST_F(ServerTest, UnderstandsARequestThatIsCutAnywhere) {
  const std::string chunked =
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
      "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nt: u\r\n\r\n";
  for (const std::string& request : {post("hello"), chunked}) {
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
      Peer client = connect();
      client.send(request.substr(0, cut));
      turn();
      EXPECT_EQ(buffers.stream.in_use(), 0u);
      client.send(request.substr(cut));
      expect_heard(client, answer("hello"));
    }
  }
}

TEST_F(ServerTest, UnderstandsARequestThatComesByteByByte) {
  Peer client = connect();
  for (const char byte : post("hello")) {
    client.send({&byte, 1});
    turn();
  }
  expect_heard(client, answer("hello"));
}

Task<void> answer_with_address(ScriptedService&, http::ClientStream& client) {
  const std::string text = to_string(client.peer()) + (client.is_proxied() ? " proxied" : "");
  client.begin({.status = 200, .length = text.size()});
  [[maybe_unused]] const Result<void> finished = co_await client.finish(text);
}

TEST_F(ServerTest, KnowsForWhomATrustedProxySpeaksRequestByRequest) {
  service.script = answer_with_address;
  share.trusted_proxies = {*parse_address_range("127.0.0.0/8")};
  Peer proxy = connect();
  const std::string head = "GET / HTTP/1.1\r\nhost: a\r\n";
  proxy.send(head + "x-forwarded-for: 192.0.2.1\r\n\r\n");
  expect_heard(proxy, answer("192.0.2.1 proxied"));
  proxy.send(head + "x-forwarded-for: 192.0.2.2\r\n\r\n");
  expect_heard(proxy, answer("192.0.2.2 proxied"));
  proxy.send(head + "x-forwarded-for: nobody\r\n\r\n");
  expect_heard(proxy, answer(":: proxied"));
  proxy.send(head + "\r\n");
  expect_heard(proxy, answer("127.0.0.1 proxied"));
}

TEST_F(ServerTest, BelievesNobodyElseWhoTheySay) {
  service.script = answer_with_address;
  Peer client = connect();
  client.send("GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.1\r\n\r\n");
  expect_heard(client, answer("127.0.0.1"));
}

Task<void> wait_for_permission(ScriptedService& service, http::ClientStream& client) {
  ++service.running;
  while (!service.may_go_on) co_await service.loop.next_turn();
  --service.running;
  const std::string target = client.head().target;
  client.begin({.length = target.size()});
  const Result<void> finished = co_await client.finish(target);
  EXPECT_TRUE(finished);
}

TEST_F(ServerTest, ServesPipelinedRequestsOneAfterTheOther) {
  service.script = wait_for_permission;
  Peer client = connect();
  client.send(
      "GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n"
      "GET /3 HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_TRUE(until([&] { return service.running == 1; }));
  turn();
  EXPECT_EQ(service.requests, "GET /1\n");
  service.may_go_on = true;
  expect_heard(client, answer("/1") + answer("/2") + answer("/3"));
  EXPECT_EQ(buffers.stream.in_use(), 0u);
}

TEST_F(ServerTest, ServesManyPipelinedRequestsWithBodies) {
  std::string requests, answers;
  for (int i = 0; i < 2'000; ++i) {
    requests += post(std::to_string(i));
    answers += answer(std::to_string(i));
  }
  Peer client = connect();
  std::string_view unsent = requests;
  EXPECT_TRUE(until([&] {
    if (!unsent.empty()) client.send_some(unsent);
    return client.hear().size() >= answers.size();
  }));
  EXPECT_EQ(client.take_heard(), answers);
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  Peer client = connect();
  client.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  expect_heard(client, last_answer(200, ""));
  expect_end(client);
  EXPECT_FALSE(client.was_reset());
}

TEST_F(ServerTest, ClosesAfterAnAnswerToHttp10) {
  Peer client = connect();
  client.send("GET / HTTP/1.0\r\n\r\n");
  expect_heard(client, last_answer(200, ""));
  expect_end(client);
}

TEST_F(ServerTest, KeepsTheConnectionOfAnHttp10ClientThatAsksForIt) {
  Peer client = connect();
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
    expect_heard(client, answer(200, "content-length: 0\r\nconnection: keep-alive\r\n", ""));
  }
}

TEST_F(ServerTest, RefusesWhatIsNotARequestAndCloses) {
  Peer client = connect();
  client.send(
      "GET / HTTP/1.1\r\nhost: a\r\nbad field\r\n\r\nGET /next HTTP/1.1\r\nhost: a\r\n\r\n");
  expect_heard(client, last_answer(400, "refused"));
  client.close();
  EXPECT_TRUE(until([&] { return share.gate.open() == 0; }));
  EXPECT_EQ(service.requests, "");
  EXPECT_EQ(server.counters().requests_refused, 1u);
}

TEST_F(ServerTest, RefusesABareLineFeedWithoutWaitingForMore) {
  Peer client = connect();
  client.send("GET / HTTP/1.1\n\n");
  expect_heard(client, last_answer(400, "refused"));
}

TEST_F(ServerTest, RefusesAHeadThatDoesNotEnd) {
  Peer client = connect();
  client.send("GET / HTTP/1.1\r\nhost: a\r\nx: " +
              std::string(limits::request_head_bytes_max, 'x'));
  expect_heard(client, last_answer(400, "refused"));
}

Task<void> fail(ScriptedService&, http::ClientStream& client) {
  client.begin({.status = 200});
  const Result<void> sent = co_await client.write("some");
  EXPECT_TRUE(sent);
  throw std::runtime_error{"boom"};
}

TEST_F(ServerTest, CutsTheAnswerOfAServiceThatThrowsAndReportsIt) {
  service.script = fail;
  Peer client = connect();
  client.send(get);
  expect_end(client);
  EXPECT_EQ(client.take_heard(), answer(200, "transfer-encoding: chunked\r\n", "4\r\nsome\r\n"));
  EXPECT_EQ(failed, "client");
}

TEST_F(ServerTest, ClosesConnectionsBeyondTheLimitOfTheirAddressUntilTheyAreAuthenticated) {
  std::vector<Peer> clients;
  for (std::size_t i = 0; i < limits::connections_per_address_max; ++i)
    clients.push_back(connect());
  EXPECT_TRUE(until([&] { return share.gate.open() == clients.size(); }));

  Peer refused = connect();
  expect_end(refused);
  EXPECT_EQ(server.counters().connections_refused, 1u);

  service.script = [](ScriptedService& scripted, http::ClientStream& client) {
    client.mark_authenticated();
    return echo(scripted, client);
  };
  clients[0].send(get);
  expect_heard(clients[0], answer(""));
  Peer admitted = connect();
  admitted.send(get);
  expect_heard(admitted, answer(""));
}

}  // namespace
}  // namespace relay::net
