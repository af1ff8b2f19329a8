// What an answer may look like, how it may be cut, and when it may be late.
#include "net/upstream_exchange.h"

#include <algorithm>

#include "net/upstream_fixture.h"

namespace relay::net {
namespace {

using UpstreamExchangeTest = UpstreamPoolTest;

constexpr std::string_view counted = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
constexpr std::string_view chunked =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nt: u\r\n\r\n";

// An answer that was cut must never look complete.
TEST_F(UpstreamExchangeTest, SeesThatAnAnswerWasCutAnywhere) {
  for (const std::string_view answer : {counted, chunked}) {
    for (std::size_t cut = 0; cut < answer.size(); ++cut) {
      for (const bool is_reset : {false, true}) {
        Opening opening{pool, {.head = get}, no_deadline};
        Peer peer = expect_request(std::string{get});
        peer.send(answer.substr(0, cut));
        turn();
        is_reset ? peer.close_with_reset() : peer.close();
        EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
        const Retry retry = cut == 0 ? Retry::same_upstream : Retry::never;
        if (!*opening.outcome) {
          EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_unavailable, retry)) << cut;
          continue;
        }
        Reading reading{opening.answer(), no_deadline};
        EXPECT_TRUE(until([&] { return reading.task.done(); }));
        EXPECT_FALSE(reading.is_complete) << cut;
        EXPECT_EQ(reading.error->code, ErrorCode::upstream_unavailable);
        EXPECT_EQ(pool.counters().idle, 0u);
      }
    }
  }
}

TEST_F(UpstreamExchangeTest, UnderstandsAnAnswerThatComesByteByByte) {
  for (const std::string_view answer : {counted, chunked}) {
    Opening opening{pool, {.head = get}, no_deadline};
    std::optional<Peer> peer;
    EXPECT_TRUE(until([&] { return peer || (peer = origin.accept()); }));
    std::optional<Reading> reading;
    for (const char byte : answer) {
      EXPECT_EQ(buffers.stream.in_use(), 0u);
      peer->send({&byte, 1});
      clock.advance(limits::burst_gap);
      turn();
      if (opening.outcome && !reading) reading.emplace(opening.answer(), no_deadline);
    }
    ASSERT_TRUE(reading);
    EXPECT_TRUE(reading->is_complete);
    EXPECT_EQ(reading->body, "hello");
    pool.close_idle();
  }
}

TEST_F(UpstreamExchangeTest, GivesALargeBodyWhole) {
  std::string body(1'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * i % 251);
  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = expect_request(std::string{get});
  const std::string answer = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + body;
  std::string_view unsent = answer;
  std::optional<Reading> reading;
  EXPECT_TRUE(until([&] {
    if (!unsent.empty()) peer.send_some(unsent);
    if (opening.outcome && !reading) reading.emplace(opening.answer(), no_deadline);
    return reading && reading->is_complete;
  }));
  EXPECT_EQ(reading->body, body);
  EXPECT_EQ(pool.counters().idle, 1u);
}

TEST_F(UpstreamExchangeTest, TakesTheEndOfTheConnectionForTheEndOfABodyWithoutFraming) {
  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = expect_request(std::string{get});
  peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
  turn();
  peer.close();
  expect_body(opening, "hello");
  EXPECT_EQ(pool.counters().idle, 0u);
}

TEST_F(UpstreamExchangeTest, DoesNotTakeAResetForTheEndOfABodyWithoutFraming) {
  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = expect_request(std::string{get});
  peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
  turn();
  peer.close_with_reset();
  ASSERT_TRUE(expect_open(opening));
  Reading reading{opening.answer(), no_deadline};
  EXPECT_TRUE(until([&] { return reading.task.done(); }));
  EXPECT_EQ(reading.body, "hello");
  EXPECT_TRUE(reading.error);
}

TEST_F(UpstreamExchangeTest, ExpectsNoBodyWhereThereIsNone) {
  const auto answered = [&](std::string_view answer, bool expects_no_body) {
    Opening opening{pool, {.head = get, .expects_no_body = expects_no_body}, no_deadline};
    Peer peer = expect_request(std::string{get});
    peer.send(answer);
    expect_body(opening, "");
    EXPECT_EQ(pool.counters().idle, 1u);
    pool.close_idle();
  };
  answered("HTTP/1.1 204 No Content\r\n\r\n", false);
  answered("HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n", false);
  answered("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false);
  answered("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n", true);
}

std::string interim(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
  return text;
}

TEST_F(UpstreamExchangeTest, SkipsInterimAnswersInOnePieceOrInMany) {
  const std::string answer = interim(limits::interim_responses_max) + std::string{counted};
  for (const std::size_t step : {answer.size(), std::size_t{7}}) {
    Opening opening{pool, {.head = get}, no_deadline};
    Peer peer = expect_request(std::string{get});
    for (std::size_t at = 0; at < answer.size(); at += step) {
      peer.send(std::string_view{answer}.substr(at, step));
      turn();
    }
    expect_body(opening, "hello");
    pool.close_idle();
  }
}

TEST_F(UpstreamExchangeTest, RefusesAnswersThatItCannotMakeSenseOf) {
  for (const std::string& answer : {
           interim(limits::interim_responses_max + 1) + std::string{counted},
           std::string{"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"},
           std::string{"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\nx"},
           std::string{"nonsense\r\n\r\n"},
       }) {
    Opening opening{pool, {.head = get}, no_deadline};
    Peer peer = expect_request(std::string{get});
    peer.send(answer);
    EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
    EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_protocol, Retry::never));
    EXPECT_TRUE(until([&] { return peer.has_ended(); }));
  }
}

TEST_F(UpstreamExchangeTest, RefusesABodyWhoseFramingIsBroken) {
  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = expect_request(std::string{get});
  peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nx\r\n");
  ASSERT_TRUE(expect_open(opening));
  Reading reading{opening.answer(), no_deadline};
  EXPECT_EQ(reading.error->code, ErrorCode::upstream_protocol);
  EXPECT_TRUE(until([&] { return peer.has_ended(); }));
  Reading again{opening.answer(), no_deadline};
  EXPECT_TRUE(again.error);
}

TEST_F(UpstreamExchangeTest, WaitsForAHeadUntilTheDeadline) {
  Opening opening{pool, {.head = get}, clock.now() + 5s};
  Peer peer = expect_request(std::string{get});
  EXPECT_EQ(buffers.stream.in_use(), 0u);
  clock.advance(5s);
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_timeout, Retry::never));
  EXPECT_TRUE(until([&] { return peer.has_ended(); }));
}

TEST_F(UpstreamExchangeTest, MayBeReadAgainAfterADeadline) {
  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = expect_request(std::string{get});
  peer.send(counted.substr(0, counted.size() - 2));
  ASSERT_TRUE(expect_open(opening));
  {
    Reading reading{opening.answer(), clock.now() + 5s};
    EXPECT_EQ(reading.body, "hel");
    EXPECT_EQ(buffers.stream.in_use(), 0u);
    clock.advance(5s);
    EXPECT_TRUE(until([&] { return reading.task.done(); }));
    EXPECT_EQ(reading.error->code, ErrorCode::upstream_timeout);
  }
  peer.send("lo");
  Reading reading{opening.answer(), no_deadline};
  EXPECT_TRUE(until([&] { return reading.is_complete; }));
  EXPECT_EQ(reading.body, "lo");
}

TEST_F(UpstreamExchangeTest, TellsWhenTheUpstreamMayHaveAllOfARequest) {
  bool was_sent = false;
  Opening opening{pool, {.head = get, .was_sent = &was_sent}, no_deadline};
  EXPECT_FALSE(was_sent);
  Peer peer = expect_request(std::string{get});
  EXPECT_TRUE(was_sent);
}

TEST_F(UpstreamExchangeTest, CancelsTheExchangeAtOnceWhenItIsDropped) {
  Opening opening{pool, {.head = get}, no_deadline};
  Peer peer = expect_request(std::string{get});
  peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n");
  ASSERT_TRUE(expect_open(opening));
  EXPECT_FALSE(peer.has_ended());
  opening.drop_answer();
  EXPECT_TRUE(peer.has_ended()) << "without a turn of the loop";
  EXPECT_EQ(pool.counters().idle, 0u);
}

// The upstream answers before it has read the request, and closes.
TEST_F(UpstreamExchangeTest, HearsWhyARequestIsRefusedWhileItIsSent) {
  const std::string body(20'000'000, 'x');
  Opening opening{pool, {.head = "POST / HTTP/1.1\r\n\r\n", .body = body}, no_deadline};
  std::optional<Peer> peer;
  EXPECT_TRUE(until([&] { return peer || (peer = origin.accept()); }));
  turn();
  peer->send("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
  peer->close();
  expect_body(opening, "no");
  EXPECT_EQ(opening.answer().head().status, 413);
  EXPECT_EQ(pool.counters().idle, 0u);
}

// Pieces that are given one at a time, when the test says so.
struct ScriptedBody final : http::BodySource {
  explicit ScriptedBody(Loop& its_loop) : loop{its_loop} {}

  Task<Result<http::Chunk>> next_body() override {
    while (pieces.empty()) co_await loop.next_turn();
    const Result<http::Chunk> piece = pieces.front();
    pieces.erase(pieces.begin());
    co_return piece;
  }

  Loop& loop;
  std::vector<Result<http::Chunk>> pieces;
};

TEST_F(UpstreamExchangeTest, StreamsTheRestOfABodyInEitherFraming) {
  for (const bool is_chunked : {false, true}) {
    ScriptedBody rest{loop};
    Opening opening{pool,
                    {.head = "POST / HTTP/1.1\r\n\r\n", .rest = &rest, .is_chunked = is_chunked},
                    no_deadline};
    Peer peer = expect_request("POST / HTTP/1.1\r\n\r\n");
    rest.pieces.push_back(http::Chunk{.bytes = "one"});
    expect_heard(peer, is_chunked ? "3\r\none\r\n" : "one");
    rest.pieces.push_back(http::Chunk{.bytes = "twelve bytes", .is_last = !is_chunked});
    expect_heard(peer, is_chunked ? "c\r\ntwelve bytes\r\n" : "twelve bytes");
    if (is_chunked) {
      rest.pieces.push_back(http::Chunk{.bytes = "", .is_last = true});
      expect_heard(peer, "0\r\n\r\n");
    }
    peer.send(counted);
    expect_body(opening, "hello");
    EXPECT_EQ(pool.counters().idle, 1u);
    pool.close_idle();
  }
}

TEST_F(UpstreamExchangeTest, PassesOnWhatIsWrongWithTheRestOfABody) {
  ScriptedBody rest{loop};
  Opening opening{pool, {.head = get, .rest = &rest}, no_deadline};
  Peer peer = expect_request(std::string{get});
  rest.pieces.push_back(
      std::unexpected(Error{.code = ErrorCode::client_gone, .origin = Origin::client}));
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::client_gone, Retry::never));
  EXPECT_TRUE(until([&] { return peer.has_ended(); }));
}

TEST_F(UpstreamExchangeTest, HearsWhyTheRestOfABodyIsRefused) {
  ScriptedBody rest{loop};
  Opening opening{pool, {.head = get, .rest = &rest, .is_chunked = true}, no_deadline};
  Peer peer = expect_request(std::string{get});
  peer.send("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno");
  peer.close();
  turn();
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 50; ++i) rest.pieces.push_back(http::Chunk{.bytes = piece});
  expect_body(opening, "no");
}

TEST_F(UpstreamExchangeTest, DoesNotRepeatAStreamedRequestNorUseAKeptConnectionForIt) {
  Peer kept = exchange_once();
  ScriptedBody rest{loop};
  Opening opening{pool, {.head = get, .rest = &rest}, no_deadline};
  Peer peer = expect_request(std::string{get});
  rest.pieces.push_back(http::Chunk{.bytes = "all", .is_last = true});
  expect_heard(peer, "all");
  peer.close();
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_unavailable, Retry::never));
}

TEST_F(UpstreamExchangeTest, DoesNotBlameTheUpstreamForTheTimeOfTheRestOfABody) {
  ScriptedBody rest{loop};
  Opening opening{pool, {.head = get, .rest = &rest}, clock.now() + 5s};
  Peer peer = expect_request(std::string{get});
  turn();
  clock.advance(60s);
  turn();
  rest.pieces.push_back(http::Chunk{.bytes = "all", .is_last = true});
  expect_heard(peer, "all");
  turn();
  EXPECT_FALSE(opening.outcome);
  clock.advance(5s);
  EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
  EXPECT_TRUE(opening.has_failed_with(ErrorCode::upstream_timeout, Retry::never));
}

}  // namespace
}  // namespace relay::net
