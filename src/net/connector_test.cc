#include "net/connector.h"

#include <gmock/gmock.h>

#include "net/listener.h"
#include "net/tls_fixture.h"

namespace relay::net {
namespace {

using testing::HasSubstr;

// A literal that may contain NUL.
template <std::size_t N>
std::string bytes(const char (&literal)[N]) {
  return {literal, N - 1};
}

// What the other end hears, and what it says when it has heard it.
struct Line {
  std::string hears;
  std::string says;
};

// Plays its lines to the first who connects, then speaks TLS if it has a session.
Task<void> play(Listener& listener, BufferPool& pool, std::vector<Line> lines, TlsSession* session,
                std::optional<Socket>& peer, Accepted& accepted) {
  IoResult<Socket> socket = co_await listener.accept(no_deadline);
  peer = std::move(*socket);
  for (const Line& line : lines) {
    std::string heard;
    while (heard.size() < line.hears.size()) {
      const IoResult<Buffer> part = co_await peer->read(pool, no_deadline);
      if (!part || part->empty()) co_return;
      heard += part->bytes();
    }
    EXPECT_EQ(heard, line.hears);
    const IoResult<void> said = co_await peer->write({line.says}, no_deadline);
    EXPECT_TRUE(said.has_value());
  }
  if (session != nullptr) co_await accept_tls(*peer, *session, pool, accepted);
}

struct ConnectorTest : SocketTest {
  BufferPool pool{limits::stream_buffer_bytes};
  Workers workers{1};
  Resolver resolver{loop, workers, [](const std::string& host) -> IoResult<std::vector<Address>> {
                      if (!host.ends_with(".test")) {
                        return std::unexpected(std::errc::address_not_available);
                      }
                      return std::vector{Endpoint::loopback(0).address};
                    }};
  Authority authority;
  TlsServer server{authority.issue({})};
  TlsClients tls;
  Connector connector{loop, resolver, tls, pool};

  ConnectorTest() { tls.emplace("", *TlsClient::open(authority.file())); }

  Listener listener = *Listener::open(loop, Endpoint::loopback(0));
  std::unique_ptr<TlsSession> session;
  std::optional<Socket> peer;
  Accepted accepted = Accepted::not_yet;
  Task<void> playing;

  void plays(std::vector<Line> lines, bool is_encrypted = false) {
    if (is_encrypted) session = server.session();
    playing = play(listener, pool, std::move(lines), session.get(), peer, accepted);
    playing.start();
  }
  std::string here() const { return "upstream.test:" + std::to_string(listener.port()); }
  Target directly(bool is_encrypted) const {
    return {is_encrypted, "upstream.test", listener.port()};
  }
  Target through(const std::string& scheme, bool is_encrypted = false,
                 const std::string& host = "upstream.test") const {
    const std::string url = scheme + "proxy.test:" + std::to_string(listener.port());
    return {is_encrypted, host, 443, parse_proxy(url).value()};
  }

  Result<Stream> connect(const Target& target) {
    Task<Result<Stream>> connecting = connector.connect(target, soon);
    connecting.start();
    for (int turn = 0; turn < 200'000 && !connecting.done(); ++turn) loop.poll();
    if (!connecting.done()) {
      clock.advance(5s);
      loop.poll();
    }
    return connecting.result();
  }
  void expect_unavailable(const Target& target, const std::string& detail) {
    const Result<Stream> connected = connect(target);
    ASSERT_FALSE(connected.has_value());
    EXPECT_EQ(connected.error().code, ErrorCode::upstream_unavailable);
    EXPECT_EQ(connected.error().retry, Retry::other_upstream);
    EXPECT_THAT(connected.error().detail, HasSubstr(detail));
    EXPECT_THAT(connected.error().message, testing::Not(HasSubstr("upstream.test")));
  }
};

const std::string connect_upstream =
    "CONNECT upstream.test:443 HTTP/1.1\r\nhost: upstream.test:443\r\n\r\n";
const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";
const std::string socks_connect = bytes("\x05\x01\x00\x03\x0dupstream.test\x01\xbb");
const std::string socks_connected = bytes("\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38");

TEST_F(ConnectorTest, ConnectsDirectly) {
  plays({});
  const Result<Stream> connected = connect(directly(false));
  ASSERT_TRUE(connected.has_value()) << connected.error().detail;
  EXPECT_FALSE(connected->is_encrypted());
}

TEST_F(ConnectorTest, ShakesHandsWhereTheUpstreamIsEncrypted) {
  plays({}, true);
  const Result<Stream> connected = connect(directly(true));
  ASSERT_TRUE(connected.has_value()) << connected.error().detail;
  EXPECT_TRUE(connected->is_encrypted());
}

TEST_F(ConnectorTest, TrustsForEachTargetWhomItsFileNames) {
  const Authority another;
  tls.emplace(another.file(), *TlsClient::open(another.file()));
  Target target = directly(true);
  target.ca_file = another.file();
  plays({}, true);
  expect_unavailable(target, "TLS: ");

  target.ca_file = {};
  plays({}, true);
  EXPECT_TRUE(connect(target).has_value());
}

TEST_F(ConnectorTest, SaysWhichStepFailed) {
  expect_unavailable({.host = "no.such.name"}, "look-up of no.such.name");
  expect_unavailable({.host = "127.0.0.1", .port = 1},
                     "connecting to 127.0.0.1:1: Connection refused");
  plays({{"", "HTTP/1.1 400 Bad Request\r\n\r\n"}});
  expect_unavailable(directly(true), "TLS: ");
}

TEST_F(ConnectorTest, GivesUpAtItsDeadline) {
  const Result<Stream> connected = connect(directly(true));
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().code, ErrorCode::upstream_unavailable);
}

TEST_F(ConnectorTest, GoesThroughAnHttpProxy) {
  for (const bool is_encrypted : {false, true}) {
    plays({{connect_upstream, established}}, is_encrypted);
    const Result<Stream> connected = connect(through("http://", is_encrypted));
    ASSERT_TRUE(connected.has_value()) << connected.error().detail;
    EXPECT_EQ(connected->is_encrypted(), is_encrypted);
  }
}

TEST_F(ConnectorTest, LogsInToAnHttpProxy) {
  plays(
      {{"CONNECT upstream.test:443 HTTP/1.1\r\nhost: upstream.test:443\r\n"
        "proxy-authorization: Basic YWxpY2U6c2VzYW1l\r\n\r\n",
        established}});
  EXPECT_TRUE(connect(through("http://alice:sesame@")).has_value());
}

TEST_F(ConnectorTest, TakesAnHttpProxyAtItsWord) {
  const std::vector<std::pair<std::string, std::string>> answers = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "CONNECT answered 407"},
      {"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nno!", "CONNECT answered 502"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP answer to CONNECT"},
      {"HTTP/1.1 200 OK\r\n\r\nsurprise", "bytes after the answer to CONNECT"},
      {"HTTP/1.1 200 OK\r\n" + std::string(limits::response_head_bytes_max, 'x'), "no HTTP answer"},
  };
  for (const auto& [answer, detail] : answers) {
    plays({{connect_upstream, answer}});
    expect_unavailable(through("http://"), detail);
  }
}

TEST_F(ConnectorTest, NoticesWhenAnHttpProxyClosesOrSaysNothing) {
  plays({{connect_upstream + "more than it will hear", ""}});
  const Target target = through("http://");
  Task<Result<Stream>> connecting = connector.connect(target, soon);
  connecting.start();
  while (!peer) loop.poll();
  for (int turn = 0; turn < 100; ++turn) loop.poll();
  EXPECT_FALSE(connecting.done());
  playing = {};
  peer.reset();
  while (!connecting.done()) loop.poll();
  EXPECT_FALSE(connecting.result().has_value());

  plays({{connect_upstream + "more than it will hear", ""}});
  const Result<Stream> silent = connect(through("http://"));
  ASSERT_FALSE(silent.has_value());
  EXPECT_EQ(silent.error().code, ErrorCode::upstream_unavailable);
}

TEST_F(ConnectorTest, GoesThroughASocksProxyThatLooksUpTheName) {
  for (const bool is_encrypted : {false, true}) {
    plays({{bytes("\x05\x01\x00"), bytes("\x05\x00")}, {socks_connect, socks_connected}},
          is_encrypted);
    const Result<Stream> connected = connect(through("socks5://", is_encrypted));
    ASSERT_TRUE(connected.has_value()) << connected.error().detail;
  }
}

TEST_F(ConnectorTest, LogsInToASocksProxyThatWantsIt) {
  plays({{bytes("\x05\x02\x00\x02"), bytes("\x05\x02")},
         {"\x01\x05"
          "alice\x06sesame",
          bytes("\x01\x00")},
         {socks_connect, bytes("\x05\x00\x00\x03\x05proxy\x04\x38")}});
  EXPECT_TRUE(connect(through("socks5://alice:sesame@")).has_value());
}

TEST_F(ConnectorTest, TakesASocksProxyAtItsWord) {
  const Line greeting{bytes("\x05\x01\x00"), bytes("\x05\x00")};
  const std::vector<std::pair<std::vector<Line>, std::string>> plots = {
      {{{greeting.hears, bytes("\x05\xff")}}, "no login that it takes"},
      {{{greeting.hears, bytes("\x05\x02")}}, "no login that it takes"},
      {{{greeting.hears, "HTTP/1.1 400"}}, "does not speak SOCKS5"},
      {{greeting, {socks_connect, bytes("\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00")}},
       "connection refused"},
      {{greeting, {socks_connect, bytes("\x05\x63\x00\x01\x00")}}, "unassigned reply"},
      {{greeting, {socks_connect, bytes("\x04\x00\x00\x01\x00")}}, "does not speak SOCKS5"},
      {{greeting, {socks_connect, bytes("\x05\x00\x00\x07\x00")}}, "unknown address type"},
  };
  for (const auto& [lines, detail] : plots) {
    plays(lines);
    expect_unavailable(through("socks5://"), detail);
  }
  plays({{bytes("\x05\x02\x00\x02"), bytes("\x05\x02")},
         {"\x01\x05"
          "alice\x06sesame",
          bytes("\x01\x01")}});
  expect_unavailable(through("socks5://alice:sesame@"), "login refused");
}

TEST_F(ConnectorTest, GivesUpOnASocksProxyThatIsSilent) {
  plays({{bytes("\x05\x01\x00"), bytes("\x05")}});
  const Result<Stream> connected = connect(through("socks5://"));
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().code, ErrorCode::upstream_unavailable);
}

}  // namespace
}  // namespace relay::net
