// A server and a pool together: clients on one side, an upstream on the other.
#include <random>

#include "base/first_of.h"
#include "net/relaying_fixture.h"

namespace relay::net {
namespace {

// Passes every request on and the answer back, byte for byte. Drops the upstream's answer as soon
// as the client has left.
struct PassingService final : Service {
  explicit PassingService(UpstreamPool& its_pool) : pool{its_pool} {}

  Task<void> serve(http::ClientStream& client) override {
    const auto ended = co_await first_of(pass(client), client.gone());
    cancelled += ended.index() == 1 ? 1 : 0;
  }
  Refusal refuse(const Error&) override { return {}; }

  Task<void> pass(http::ClientStream& client) {
    const std::string head = "GET " + client.head().target + " HTTP/1.1\r\nhost: a\r\n\r\n";
    auto answer = co_await pool.open(http::UpstreamId{0}, {.head = head}, no_deadline);
    if (!answer) co_return;
    client.begin({.status = (*answer)->head().status});
    for (bool is_last = false; !is_last;) {
      const Result<http::Chunk> chunk = co_await (*answer)->next(no_deadline);
      if (!chunk) co_return;
      is_last = chunk->is_last;
      Task<Result<void>> writing =
          is_last ? client.finish(chunk->bytes) : client.write(chunk->bytes);
      const Result<void> written = co_await std::move(writing);
      if (!written) co_return;
    }
  }

  UpstreamPool& pool;
  int cancelled = 0;
};

struct RelayingTest : RelayingFixture<PassingService> {};

TEST_F(RelayingTest, CancelsTheUpstreamInTheTurnInWhichASilentExchangeLosesItsClient) {
  for (const bool has_head : {false, true}) {
    Peer client = Peer::connect(port);
    client.send(get);
    Peer upstream = expect_request(std::string{get});
    if (has_head) {
      upstream.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n");
      EXPECT_TRUE(until([&] { return client.hear().ends_with("hi\r\n"); }));
    }
    turn();
    EXPECT_EQ(buffers.stream.in_use(), 0u);
    client.close();
    loop.poll();
    EXPECT_TRUE(upstream.has_ended());
  }
  EXPECT_EQ(service.cancelled, 2);
}

TEST_F(RelayingTest, PassesAnEventOnInTheTurnInWhichItComes) {
  Peer client = Peer::connect(port);
  client.send(get);
  Peer upstream = expect_request(std::string{get});
  upstream.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  turn();
  for (const std::string_view event : {"1\r\na\r\n", "2\r\nbb\r\n", "3\r\nccc\r\n"}) {
    clock.advance(limits::burst_gap);
    turn();
    upstream.send(event);
    loop.poll();
    EXPECT_TRUE(client.take_heard().ends_with(event));
  }
}

TEST_F(RelayingTest, ShowsTheClientThatTheUpstreamBrokeOff) {
  Peer client = Peer::connect(port);
  client.send(get);
  Peer upstream = expect_request(std::string{get});
  upstream.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
  turn();
  upstream.close();
  EXPECT_TRUE(until([&] { return client.has_ended(); }));
  EXPECT_TRUE(client.hear().ends_with("3\r\nhel\r\n"));
}

// Answers each request with its target, in one of several framings, and now and then badly.
struct NonceService final : Service {
  explicit NonceService(unsigned seed) : random{seed} {}

  Task<void> serve(http::ClientStream& client) override {
    const std::string nonce = client.head().target;
    const unsigned choice = random() % 16;
    http::ResponseHead head;
    if (choice % 2 == 0) head.length = nonce.size();
    if (choice == 15) co_return;
    client.begin(head);
    if (choice == 14) {
      const Result<void> written = co_await client.write(nonce.substr(0, 2));
      if (written) client.cut();
      co_return;
    }
    const Result<void> written = co_await client.write(nonce.substr(0, 4));
    if (!written) co_return;
    const Result<void> finished = co_await client.finish(nonce.substr(4));
    EXPECT_TRUE(finished);
  }
  Refusal refuse(const Error&) override { return {}; }

  std::mt19937 random;
};

// Of a whole answer in chunks.
std::string body_of(const std::string& heard) {
  std::string body;
  for (std::size_t at = heard.find("\r\n\r\n") + 4; heard[at] != '0';) {
    const std::size_t size = std::stoul(heard.substr(at), nullptr, 16);
    at = heard.find("\r\n", at) + 2;
    body += heard.substr(at, size);
    at += size + 2;
  }
  return body;
}

// However requests and broken answers follow each other, nobody ever gets what was meant for
// somebody else.
TEST_F(RelayingTest, GivesEachClientItsOwnAnswer) {
  constexpr unsigned seed = 11;
  NonceService nonces{seed};
  ServerShare upstream_share;
  Listener upstream_listener = *Listener::open(loop, Endpoint::loopback(0));
  const std::uint16_t upstream_port = upstream_listener.port();
  Server upstream{loop,           clock,  std::move(upstream_listener), nonces, buffers,
                  upstream_share, nullptr};
  upstream.start();
  UpstreamPool to_nonces{
      loop,
      connector,
      buffers,
      {{.target = {.is_encrypted = false, .host = "127.0.0.1", .port = upstream_port}}}};
  PassingService passing{to_nonces};
  Listener front_listener = *Listener::open(loop, Endpoint::loopback(0));
  const std::uint16_t front_port = front_listener.port();
  Server front{loop, clock, std::move(front_listener), passing, buffers, share, nullptr};
  front.start();

  std::array<Peer, 8> clients;
  int complete = 0;
  for (int round = 0; round < 250; ++round) {
    std::array<std::string, 8> expected;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (round == 0 || clients[i].has_ended()) clients[i] = Peer::connect(front_port);
      expected[i] = "/nonce-" + std::to_string(round) + "-" + std::to_string(i);
      clients[i].take_heard();
      clients[i].send("GET " + expected[i] + " HTTP/1.1\r\nhost: a\r\n\r\n");
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      Peer& client = clients[i];
      ASSERT_TRUE(
          until([&] { return client.has_ended() || client.hear().ends_with("0\r\n\r\n"); }));
      std::string heard = client.hear();
      const bool is_complete = heard.ends_with("0\r\n\r\n");
      complete += is_complete ? 1 : 0;
      if (is_complete) {
        ASSERT_EQ(body_of(heard), expected[i]) << "seed " << seed << " round " << round;
      }
    }
  }
  EXPECT_GT(complete, 1'000);
  EXPECT_GT(to_nonces.counters().reused, 500u);

  Task<void> front_stopping = front.stop(loop.now()), upstream_stopping = upstream.stop(loop.now());
  front_stopping.start();
  upstream_stopping.start();
  EXPECT_TRUE(until([&] { return front_stopping.done() && upstream_stopping.done(); }));
}

}  // namespace
}  // namespace relay::net
