#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/peer_fixture.h"
#include "net/upstream_pool.h"

// A pool with one upstream, whose part the test plays.
namespace relay::net {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

// A port of this host, outside of the loop.
class PeerListener {
 public:
  PeerListener() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
    SocketAddress any = to_socket_address(Endpoint::loopback(0));
    EXPECT_EQ(::bind(fd_.get(), any.get(), any.size), 0);
    EXPECT_EQ(::listen(fd_.get(), 64), 0);
  }
  [[nodiscard]] std::uint16_t port() const {
    SocketAddress bound;
    EXPECT_EQ(::getsockname(fd_.get(), bound.get(), &bound.size), 0);
    return to_endpoint(bound).port;
  }
  // Nothing, if nobody has connected.
  std::optional<Peer> accept() {
    Fd fd{::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!fd) return std::nullopt;
    return Peer{std::move(fd)};
  }
  void close() { fd_ = {}; }

 private:
  Fd fd_;
};

// One call of open(), and what came of it.
struct Opening {
  using Answered = Result<std::unique_ptr<http::Answer>>;

  Opening(UpstreamPool& pool, http::UpstreamRequest its_request, TimePoint deadline)
      : request{its_request}, task{run(pool, request, deadline, outcome)} {
    task.start();
  }
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  static Task<void> run(UpstreamPool& pool, const http::UpstreamRequest& request,
                        TimePoint deadline, std::optional<Answered>& outcome) {
    outcome = co_await pool.open(http::UpstreamId{0}, request, deadline);
  }

  [[nodiscard]] bool has_failed_with(ErrorCode code, Retry retry) const {
    return outcome && !*outcome && outcome->error().code == code && outcome->error().retry == retry;
  }
  http::Answer& answer() { return ***outcome; }
  void drop_answer() { outcome->value().reset(); }

  http::UpstreamRequest request;
  std::optional<Answered> outcome;
  Task<void> task;
};

// What was read of a body: until its end, an error, or for ever.
struct Reading {
  Reading(http::Answer& answer, TimePoint deadline) : task{run(answer, deadline, *this)} {
    task.start();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  static Task<void> run(http::Answer& answer, TimePoint deadline, Reading& reading) {
    while (!reading.is_complete) {
      const Result<http::Chunk> chunk = co_await answer.next(deadline);
      if (!chunk) {
        reading.error = chunk.error();
        co_return;
      }
      ++reading.chunks;
      reading.body += chunk->bytes;
      reading.is_complete = chunk->is_last;
    }
  }

  std::string body;
  int chunks = 0;
  bool is_complete = false;
  std::optional<Error> error;
  Task<void> task;
};

struct UpstreamPoolTest : testing::Test {
  ~UpstreamPoolTest() override {
    EXPECT_EQ(buffers.stream.in_use(), 0u);
    EXPECT_EQ(buffers.bulk.in_use(), 0u);
  }

  bool until(auto condition) { return turn_until(loop, condition); }
  void turn() {
    for (int i = 0; i < 8; ++i) loop.poll();
  }

  // The next connection to the upstream, which has heard `request`.
  Peer expect_request(const std::string& request) {
    std::optional<Peer> peer;
    EXPECT_TRUE(until([&] { return (peer = origin.accept()).has_value(); }));
    if (peer) expect_heard(*peer, request);
    return peer ? std::move(*peer) : Peer{};
  }
  void expect_heard(Peer& peer, const std::string& text) {
    EXPECT_TRUE(until([&] { return peer.hear().size() >= text.size() || peer.has_ended(); }));
    EXPECT_EQ(peer.take_heard(), text);
  }
  bool expect_open(Opening& opening) {
    EXPECT_TRUE(until([&] { return opening.outcome.has_value(); }));
    EXPECT_TRUE(*opening.outcome) << opening.outcome->error().detail;
    return opening.outcome && *opening.outcome;
  }
  void expect_body(Opening& opening, const std::string& body) {
    if (!expect_open(opening)) return;
    Reading reading{opening.answer(), no_deadline};
    EXPECT_TRUE(until([&] { return reading.task.done(); }));
    EXPECT_EQ(reading.body, body);
    EXPECT_TRUE(reading.is_complete);
  }
  // One exchange on a new connection, which is idle then.
  Peer exchange_once() {
    Opening opening{pool, {.head = get}, no_deadline};
    Peer peer = expect_request(std::string{get});
    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    expect_body(opening, "ok");
    return peer;
  }
  // Whether the next exchange does not take the connection of `peer`.
  void expect_new_connection() {
    Opening opening{pool, {.head = get}, no_deadline};
    Peer peer = expect_request(std::string{get});
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    expect_body(opening, "");
  }

  static constexpr std::string_view get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

  ManualClock clock;
  Loop loop{clock};
  Buffers buffers;
  Workers workers{1};
  Resolver resolver{loop, workers};
  TlsClients no_tls;
  Connector connector{loop, resolver, no_tls, buffers.stream};
  PeerListener origin;
  UpstreamPool pool{
      loop,
      connector,
      buffers,
      {{.target = {.is_encrypted = false, .host = "127.0.0.1", .port = origin.port()}}}};
};

}  // namespace relay::net
