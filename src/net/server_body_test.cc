// How request bodies are read, and what becomes of those that are not.
#include "net/server_fixture.h"

namespace relay::net {
namespace {

using ServerBodyTest = ServerTest;

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}
std::string in_chunks(std::string_view body, std::size_t step) {
  std::string text;
  for (; !body.empty(); body.remove_prefix(std::min(step, body.size()))) {
    std::array<char, 20> size;
    std::snprintf(size.data(), size.size(), "%zx\r\n", std::min(step, body.size()));
    text.append(size.data()).append(body.substr(0, step)).append("\r\n");
  }
  return text + "0\r\n\r\n";
}
std::string post_chunked(std::string_view chunks) {
  return "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + std::string{chunks};
}

struct Exchange {
  ServerTest& test;
  Peer client;

  // Sends all of `request` while it listens; true when it has heard `answer`.
  bool gives(std::string_view request, const std::string& answer) {
    return test.until([&] {
      if (!request.empty()) client.send_some(request);
      return client.hear().size() >= answer.size() && request.empty();
    }) && client.take_heard() == answer;
  }
};

TEST_F(ServerBodyTest, CollectsBodiesOfAllSizesInEitherFraming) {
  Exchange exchange{*this, connect()};
  for (const std::size_t bytes :
       std::initializer_list<std::size_t>{1, 4'000, 5'000, 32'700, 40'000, 300'000, 3'000'000}) {
    const std::string body = pattern(bytes);
    EXPECT_TRUE(exchange.gives(post(body), answer(body))) << bytes;
    EXPECT_TRUE(exchange.gives(post_chunked(in_chunks(body, 10'000)), answer(body))) << bytes;
    EXPECT_EQ(share.bodies.in_use(), 0u);
  }
}

TEST_F(ServerBodyTest, TakesARequestThatFollowsABodyInTheSamePacket) {
  const std::string body = pattern(20'000);
  Exchange exchange{*this, connect()};
  EXPECT_TRUE(exchange.gives(post(body) + post("next"), answer(body) + answer("next")));
  EXPECT_TRUE(exchange.gives(post_chunked(in_chunks(body, 9'999)) + post("next"),
                             answer(body) + answer("next")));
}

TEST_F(ServerBodyTest, HoldsNoBufferWhileItWaitsForTheRest) {
  Peer client = connect();
  const std::string request = post(pattern(100'000));
  client.send(request.substr(0, 50'000));
  turn();
  EXPECT_EQ(buffers.stream.in_use(), 0u);
  EXPECT_GT(share.bodies.in_use(), 0u);
  client.close();
  EXPECT_TRUE(until([&] { return service.seen == "gone"; }));
}

TEST_F(ServerBodyTest, RefusesOnTheHeadAloneWhatIsTooLarge) {
  service.body_max = 100;
  Peer client = connect();
  client.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n");
  expect_heard(client, last_answer(413, "bad"));
}

TEST_F(ServerBodyTest, RefusesChunksThatAddUpToTooMuch) {
  service.body_max = 100;
  Peer client = connect();
  client.send(post_chunked(in_chunks(pattern(150), 50)).substr(0, 200));
  expect_heard(client, last_answer(413, "bad"));
}

TEST_F(ServerBodyTest, RefusesChunksThatAreMalformed) {
  Peer client = connect();
  client.send(post_chunked("3\nabc\r\n0\r\n\r\n"));
  expect_heard(client, last_answer(400, "bad"));
}

TEST_F(ServerBodyTest, SaysThatItIsOverloadedWhenBodiesTakeTooMuchMemory) {
  ASSERT_TRUE(share.bodies.take(limits::request_bodies_bytes_max));
  Peer client = connect();
  client.send(post(pattern(50'000)).substr(0, 40'000));
  expect_heard(client, last_answer(503, "bad"));
  share.bodies.give_back(limits::request_bodies_bytes_max);
}

// Others need it, and this client may take its time to hear that it was refused.
TEST_F(ServerBodyTest, HoldsNothingOfABodyThatItRefuses) {
  const std::size_t others = limits::request_bodies_bytes_max - limits::body_reservation_bytes;
  ASSERT_TRUE(share.bodies.take(others));
  Exchange exchange{*this, connect()};
  const std::string most = post(pattern(1'000'000)).substr(0, 500'000);
  EXPECT_TRUE(exchange.gives(most, last_answer(503, "bad")));
  EXPECT_EQ(share.bodies.in_use(), others);
  share.bodies.give_back(others);
}

Task<void> answer_for_long(ScriptedService& service, http::ClientStream& client) {
  const Result<std::string_view> body = co_await client.read_body(service.body_max);
  EXPECT_TRUE(body);
  client.drop_body();
  ++service.running;
  while (!service.may_go_on) co_await service.loop.next_turn();
  client.begin({.length = 4});
  const Result<void> finished = co_await client.finish("done");
  EXPECT_TRUE(finished);
}

TEST_F(ServerBodyTest, LetsGoOfABodyThatIsNotNeededAnyMore) {
  service.script = answer_for_long;
  Peer client = connect();
  for (const std::size_t bytes : {std::size_t{100}, std::size_t{50'000}}) {
    service.may_go_on = false;
    client.send(post(pattern(bytes)) + std::string{get});
    EXPECT_TRUE(until([&] { return service.running == 1; }));
    EXPECT_EQ(share.bodies.in_use(), 0u);
    service.may_go_on = true;
    expect_heard(client, answer("done") + answer("done"));
    service.running = 0;
  }
}

// Early answers.

Task<void> answer_at_once(ScriptedService&, http::ClientStream& client) {
  client.begin({.status = 401, .length = 2});
  const Result<void> finished = co_await client.finish("no");
  EXPECT_TRUE(finished);
}

TEST_F(ServerBodyTest, SkipsALittleBodyThatNobodyReadAndGoesOn) {
  service.script = answer_at_once;
  Peer client = connect();
  for (const std::string& request :
       {post(pattern(100)), post_chunked(in_chunks(pattern(100), 30))}) {
    client.send(request + request);
    const std::string no = answer(401, "content-length: 2\r\n", "no");
    expect_heard(client, no + no);
  }
  client.send(post(pattern(50'000)).substr(0, 1'000));
  expect_heard(client, answer(401, "content-length: 2\r\n", "no"));
  client.send(post(pattern(50'000)).substr(1'000));
  client.send(get);
  expect_heard(client, answer(401, "content-length: 2\r\n", "no"));
}

TEST_F(ServerBodyTest, ClosesWhenALittleBodyThatNobodyReadDoesNotCome) {
  service.script = answer_at_once;
  Peer client = connect();
  client.send(post(pattern(50'000)).substr(0, 1'000));
  expect_heard(client, answer(401, "content-length: 2\r\n", "no"));
  clock.advance(limits::early_answer_drain_max);
  expect_end(client);
  EXPECT_FALSE(client.was_reset());
}

// The body holds requests; none of them may be served.
TEST_F(ServerBodyTest, NeverServesWhatIsLeftOfABody) {
  service.script = answer_at_once;
  std::string body;
  while (body.size() < 1'000'000) body += "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
  for (const std::string& request : {post(body), post_chunked(in_chunks(body, 1'000))}) {
    service.requests.clear();
    Peer client = connect();
    std::string_view unsent = request;
    EXPECT_TRUE(until([&] {
      if (!unsent.empty()) client.send_some(unsent);
      return unsent.empty();
    }));
    expect_heard(client, last_answer(401, "no"));
    expect_end(client);
    EXPECT_FALSE(client.was_reset());
    EXPECT_EQ(service.requests, "POST /\n");
  }
}

TEST_F(ServerBodyTest, LingersOnlySoLong) {
  service.script = answer_at_once;
  Peer client = connect();
  client.send(post(pattern(200'000)).substr(0, 1'000));
  expect_heard(client, last_answer(401, "no"));
  expect_end(client);
  EXPECT_EQ(share.gate.open(), 1u);
  clock.advance(limits::lingering_close_max);
  EXPECT_TRUE(until([&] { return share.gate.open() == 0; }));
}

// Expect: 100-continue.

constexpr std::string_view expectant =
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";

TEST_F(ServerBodyTest, AsksForABodyThatTheClientHoldsBack) {
  Peer client = connect();
  client.send(expectant);
  expect_heard(client, "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  expect_heard(client, answer("hello"));
}

TEST_F(ServerBodyTest, DoesNotAskForABodyThatHasBegunToCome) {
  Peer client = connect();
  client.send(std::string{expectant} + "hel");
  turn();
  EXPECT_EQ(client.take_heard(), "");
  client.send("lo");
  expect_heard(client, answer("hello"));
}

TEST_F(ServerBodyTest, ClosesAfterAnAnswerToAClientThatStillHoldsItsBodyBack) {
  service.script = answer_at_once;
  Peer client = connect();
  client.send(expectant);
  expect_heard(client, last_answer(401, "no"));
  expect_end(client);
}

// Piece by piece.

Task<void> count_pieces(ScriptedService& service, http::ClientStream& client) {
  client.limit_body(service.body_max);
  std::size_t bytes = 0;
  for (bool is_last = false; !is_last;) {
    const Result<http::Chunk> piece = co_await client.next_body();
    if (!piece) {
      service.seen = piece.error().code == ErrorCode::client_gone ? "gone" : piece.error().message;
      co_return;
    }
    service.seen += service.seen.size() < 100 ? piece->bytes : "";
    bytes += piece->bytes.size();
    is_last = piece->is_last;
  }
  const std::string text = std::to_string(bytes);
  client.begin({.length = text.size()});
  const Result<void> finished = co_await client.finish(text);
  EXPECT_TRUE(finished);
}

TEST_F(ServerBodyTest, GivesABodyPieceByPiece) {
  service.script = count_pieces;
  Exchange exchange{*this, connect()};
  const std::string body = pattern(2'000'000);
  EXPECT_TRUE(exchange.gives(post(body), answer("2000000")));
  EXPECT_TRUE(exchange.gives(post_chunked(in_chunks(body, 100'000)), answer("2000000")));
  EXPECT_TRUE(exchange.gives(std::string{get}, answer("0")));
}

TEST_F(ServerBodyTest, GivesAPieceAsSoonAsItComes) {
  service.script = count_pieces;
  Peer client = connect();
  client.send(post_chunked("3\r\nabc\r\n"));
  EXPECT_TRUE(until([&] { return service.seen == "abc"; }));
  EXPECT_EQ(buffers.stream.in_use(), 0u);
  client.send("2\r\nde\r\n");
  EXPECT_TRUE(until([&] { return service.seen == "abcde"; }));
  client.send("0\r\n\r\n");
  expect_heard(client, answer("5"));
}

TEST_F(ServerBodyTest, GivesNoMoreThanItsLimit) {
  service.script = count_pieces;
  service.body_max = 10;
  for (const std::string& request : {post(pattern(11)), post_chunked(in_chunks(pattern(11), 4))}) {
    Peer client = connect();
    client.send(request);
    expect_end(client);
    EXPECT_EQ(service.seen, "The request body is too large.");
  }
}

TEST_F(ServerBodyTest, SaysThatTheClientIsGoneAtEveryByteOfABody) {
  service.script = count_pieces;
  const std::string request = post_chunked(in_chunks("hello", 2));
  for (std::size_t cut = request.find("\r\n\r\n") + 4; cut < request.size(); ++cut) {
    service.seen.clear();
    Peer client = connect();
    client.send(request.substr(0, cut));
    client.send_fin();
    EXPECT_TRUE(until([&] { return service.seen.ends_with("gone"); })) << cut;
    expect_end(client);
  }
}

}  // namespace
}  // namespace relay::net
