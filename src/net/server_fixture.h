#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "http/head_writer.h"
#include "net/peer_fixture.h"
#include "net/server.h"

// A server with a service that follows a script, for tests.
namespace relay::net {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

struct ScriptedService final : Service {
  using Script = Task<void> (*)(ScriptedService&, http::ClientStream&);

  explicit ScriptedService(Loop& its_loop) : loop{its_loop} {}

  Task<void> serve(http::ClientStream& client) override {
    requests += std::string{to_string(client.head().method)} + " " + client.head().target + "\n";
    return script(*this, client);
  }
  Refusal refuse(const Error& error) override {
    return {.head = {.status = status_of(error)}, .body = "refused"};
  }
  static int status_of(const Error& error) {
    switch (error.code) {
      case ErrorCode::request_timeout: return 408;
      case ErrorCode::request_too_large: return 413;
      case ErrorCode::overloaded: return 503;
      default: return 400;
    }
  }

  Loop& loop;
  Script script = nullptr;
  std::string requests;  // Method and target of each, on a line.
  std::size_t body_max = limits::request_body_bytes_max;
  bool may_go_on = false;  // For scripts that wait.
  int running = 0;
  std::string seen;  // What a script wants to be known.
};

// The body of a request, or what was wrong with it.
inline Task<void> echo(ScriptedService& service, http::ClientStream& client) {
  const Result<std::string_view> body = co_await client.read_body(service.body_max);
  if (!body && body.error().code == ErrorCode::client_gone) {
    service.seen += "gone";
    co_return;
  }
  const int status = body ? 200 : ScriptedService::status_of(body.error());
  const std::string_view answer = body ? *body : std::string_view{"bad"};
  client.begin({.status = status, .length = answer.size()});
  const Result<void> finished = co_await client.finish(answer);
  service.seen += finished ? "" : "broken";
}

struct ServerTest : testing::Test {
  ServerTest() {
    service.script = echo;
    server.start();
  }
  ~ServerTest() override {
    if (!stopping) stop(loop.now());
    EXPECT_TRUE(turn_until(loop, [this] { return stopping->done(); }));
    EXPECT_EQ(buffers.stream.in_use(), 0u);
    EXPECT_EQ(buffers.bulk.in_use(), 0u);
    EXPECT_EQ(share.bodies.in_use(), 0u);
    EXPECT_EQ(share.gate.open(), 0u);
  }

  void stop(TimePoint deadline) {
    stopping.emplace(server.stop(deadline));
    stopping->start();
  }
  Peer connect() { return Peer::connect(port); }

  bool until(auto condition) { return turn_until(loop, condition); }
  void turn() {
    for (int i = 0; i < 8; ++i) loop.poll();
  }
  // Until the client has heard `text` at the end.
  void expect_heard(Peer& client, const std::string& text) {
    EXPECT_TRUE(until([&] { return client.hear().size() >= text.size(); }));
    EXPECT_EQ(client.take_heard(), text);
  }
  void expect_end(Peer& client) {
    EXPECT_TRUE(until([&] { return client.has_ended(); }));
  }

  std::string answer(int status, std::string_view fields, std::string_view body) const {
    const std::array<char, 29> date = imf_fixdate(clock.wall());
    return "HTTP/1.1 " + std::to_string(status) + " " + std::string{http::reason_phrase(status)} +
           "\r\n" + std::string{fields} + "date: " + std::string{date.data(), date.size()} +
           "\r\n\r\n" + std::string{body};
  }
  std::string answer(std::string_view body) const {
    return answer(200, "content-length: " + std::to_string(body.size()) + "\r\n", body);
  }
  std::string last_answer(int status, std::string_view body) const {
    return answer(status,
                  "content-length: " + std::to_string(body.size()) + "\r\nconnection: close\r\n",
                  body);
  }
  static std::string post(std::string_view body, std::string_view fields = {}) {
    return "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" +
           std::string{fields} + "\r\n" + std::string{body};
  }

  ManualClock clock;
  Loop loop{clock};
  Buffers buffers;
  ServerShare share;
  ScriptedService service{loop};
  std::string failed;
  Listener listener = *Listener::open(loop, Endpoint::loopback(0));
  std::uint16_t port = listener.port();
  Server server{loop,
                clock,
                std::move(listener),
                service,
                buffers,
                share,
                [this](const std::string& name, std::exception_ptr) { failed += name; }};
  std::optional<Task<void>> stopping;
};

inline constexpr std::string_view get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

}  // namespace relay::net
