#include "net/tls_client.h"

#include "net/tls_fixture.h"

namespace relay::net {
namespace {

Task<void> shake_hands_into(TlsClient& client, Socket socket, std::string host, BufferPool& pool,
                            TimePoint deadline, std::optional<Result<Stream>>& connected) {
  connected = co_await client.shake_hands(std::move(socket), host, pool, deadline);
}
Task<void> read_stream(Stream& stream, BufferPool& pool, TimePoint deadline, Heard& heard) {
  const IoResult<Buffer> buffer = co_await stream.read(pool, deadline);
  if (buffer) {
    heard = std::string{buffer->bytes()};
  } else {
    heard = std::unexpected(buffer.error());
  }
}
Task<void> write_stream(Stream& stream, Pieces pieces, std::optional<IoResult<void>>& written) {
  written = co_await stream.write(pieces, limits::write_stall_max);
}

struct TlsClientTest : SocketTest {
  BufferPool pool{limits::stream_buffer_bytes};
  Authority authority;
  TlsClient client = *TlsClient::open(authority.file());

  // The server's side of the connection last made.
  std::optional<Socket> server_socket;
  std::unique_ptr<TlsSession> server_session;
  Accepted accepted = Accepted::not_yet;

  Result<Stream> connect(TlsServer& server, const std::string& host = "upstream.test") {
    Ends ends = pair();
    server_session = server.session();
    server_socket = std::move(ends.far);
    accepted = Accepted::not_yet;
    std::optional<Result<Stream>> connected;
    Task<void> accepting = accept_tls(*server_socket, *server_session, pool, accepted);
    Task<void> connecting =
        shake_hands_into(client, std::move(ends.near), host, pool, soon, connected);
    accepting.start();
    connecting.start();
    for (int turn = 0; turn < 100 && !(connected && accepted != Accepted::not_yet); ++turn) {
      loop.poll();
    }
    return std::move(connected.value());
  }
  Result<Stream> connect(const CertificateRequest& request, const std::string& host) {
    TlsServer server{authority.issue(request)};
    return connect(server, host);
  }
  Stream server_stream() { return Stream{std::move(*server_socket), std::move(server_session)}; }

  void write(Stream& stream, Pieces pieces) {
    std::optional<IoResult<void>> written;
    Task<void> writing = write_stream(stream, pieces, written);
    writing.start();
    ASSERT_TRUE(written.has_value() && written->has_value());
    loop.poll();
  }
  IoResult<std::string> read(Stream& stream) {
    Heard heard;
    Task<void> reading = read_stream(stream, pool, soon, heard);
    reading.start();
    for (int turn = 0; turn < 10 && !heard; ++turn) loop.poll();
    return heard.value_or(std::unexpected(std::errc::timed_out));
  }

  void expect_refused(const Result<Stream>& connected, const std::string& reason) {
    ASSERT_FALSE(connected.has_value());
    EXPECT_EQ(connected.error().code, ErrorCode::upstream_unavailable);
    EXPECT_NE(connected.error().detail.find(reason), std::string::npos) << connected.error().detail;
    EXPECT_EQ(connected.error().message.find("upstream.test"), std::string::npos);
    EXPECT_EQ(accepted, Accepted::refused) << "the server was not told";
  }
};

TEST_F(TlsClientTest, TalksToAServerItTrusts) {
  TlsServer server{authority.issue({})};
  Result<Stream> connected = connect(server);
  ASSERT_TRUE(connected.has_value()) << connected.error().detail;
  EXPECT_EQ(protocol_of(*server_session), "http/1.1");
  EXPECT_EQ(server_name_of(*server_session), "upstream.test");

  Stream upstream = server_stream();
  write(*connected, {"head ", "body"});
  EXPECT_EQ(read(upstream), "head body");
  write(upstream, {"answer"});
  EXPECT_EQ(read(*connected), "answer");
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_F(TlsClientTest, ChecksAnAddressAsItChecksAName) {
  EXPECT_TRUE(connect({.address = "127.0.0.1"}, "127.0.0.1").has_value());
  EXPECT_EQ(server_name_of(*server_session), "");
  EXPECT_TRUE(connect({.address = "::1"}, "::1").has_value());
  expect_refused(connect({.address = "127.0.0.2"}, "127.0.0.1"), "IP address mismatch");
}

TEST_F(TlsClientTest, RefusesACertificateOfAnotherHost) {
  expect_refused(connect({.host = "other.test"}, "upstream.test"), "hostname mismatch");
  expect_refused(connect({.host = "test"}, "upstream.test"), "hostname mismatch");
}

TEST_F(TlsClientTest, RefusesAnExpiredCertificate) {
  expect_refused(connect({.is_expired = true}, "upstream.test"), "certificate has expired");
}

TEST_F(TlsClientTest, RefusesASelfSignedCertificate) {
  expect_refused(connect({.is_self_signed = true}, "upstream.test"), "self-signed certificate");
}

TEST_F(TlsClientTest, RefusesAnotherAuthorityOfTheSameName) {
  const Authority other;
  TlsServer server{other.issue({})};
  expect_refused(connect(server), "certificate signature failure");
}

TEST_F(TlsClientTest, TrustsNobodyButTheSystemsAuthoritiesByDefault) {
  client = *TlsClient::open();
  expect_refused(connect({}, "upstream.test"), "unable to get local issuer certificate");
}

TEST_F(TlsClientTest, RefusesToSpeakTls1_1) {
  TlsServer server{authority.issue({})};
  server.speak_only_tls_1_1();
  expect_refused(connect(server), "version");
}

TEST_F(TlsClientTest, SaysThatTheAuthoritiesCannotBeRead) {
  const Result<TlsClient> opened = TlsClient::open("/nowhere/authority.pem");
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().detail, "TLS: /nowhere/authority.pem: No such file or directory");
}

TEST_F(TlsClientTest, RefusesAPeerThatSpeaksNoTls) {
  Ends ends = pair();
  std::optional<Result<Stream>> connected;
  Task<void> connecting =
      shake_hands_into(client, std::move(ends.near), "upstream.test", pool, soon, connected);
  connecting.start();
  say(ends.far, "HTTP/1.1 400 Bad Request\r\n\r\n");
  loop.poll();
  ASSERT_TRUE(connected.has_value() && !connected->has_value());
  EXPECT_EQ(connected->error().code, ErrorCode::upstream_unavailable);
}

TEST_F(TlsClientTest, EndsAHandshakeAtItsDeadline) {
  Ends ends = pair();
  std::optional<Result<Stream>> connected;
  Task<void> connecting =
      shake_hands_into(client, std::move(ends.near), "upstream.test", pool, soon, connected);
  connecting.start();
  clock.advance(5s);
  loop.poll();
  ASSERT_TRUE(connected.has_value() && !connected->has_value());
  EXPECT_EQ(connected->error().code, ErrorCode::upstream_unavailable);
}

TEST_F(TlsClientTest, ResumesTheSessionOfAnEarlierConnection) {
  for (const bool is_tls_1_2 : {false, true}) {
    client = *TlsClient::open(authority.file());
    TlsServer server{authority.issue({})};
    if (is_tls_1_2) server.speak_only_tls_1_2();
    for (int connection = 0; connection < 3; ++connection) {
      Result<Stream> connected = connect(server);
      ASSERT_TRUE(connected.has_value()) << connected.error().detail;
      Stream upstream = server_stream();
      write(upstream, {"answer"});
      EXPECT_EQ(read(*connected), "answer");
      EXPECT_EQ(client.resumed(), static_cast<std::size_t>(connection));
    }
  }
}

TEST_F(TlsClientTest, KnowsAnEndFromAConnectionThatMerelyCloses) {
  TlsServer server{authority.issue({})};
  Result<Stream> ended = connect(server);
  { const Stream closed = server_stream(); }
  EXPECT_EQ(read(*ended), "");
  EXPECT_EQ(read(*ended), "");

  Result<Stream> cut = connect(server);
  server_socket.reset();
  EXPECT_EQ(read(*cut), std::unexpected(std::errc::connection_aborted));
}

TEST_F(TlsClientTest, IsQuietAfterASessionTicketAndNotAfterAnswersOrEnds) {
  TlsServer server{authority.issue({})};
  Result<Stream> connected = connect(server);
  Stream upstream = server_stream();
  loop.poll();
  EXPECT_TRUE(connected->is_quiet(pool));

  write(upstream, {"unasked"});
  EXPECT_FALSE(connected->is_quiet(pool));

  Result<Stream> other = connect(server);
  { const Stream closed = server_stream(); }
  loop.poll();
  EXPECT_FALSE(other->is_quiet(pool));
}

TEST_F(TlsClientTest, MovesALargeBodyThroughSmallBuffers) {
  TlsServer server{authority.issue({})};
  Result<Stream> connected = connect(server);
  Stream upstream = server_stream();
  std::string body(3'000'000, 'b');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7919 >> 5);

  std::optional<IoResult<void>> written;
  Task<void> writing = write_stream(upstream, {"head:", body}, written);
  writing.start();
  std::string heard;
  while (heard.size() < body.size() + 5) {
    const IoResult<std::string> part = read(*connected);
    ASSERT_TRUE(part.has_value() && !part->empty());
    heard += *part;
  }
  EXPECT_TRUE(written.has_value() && written->has_value());
  EXPECT_TRUE(heard == "head:" + body);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_F(TlsClientTest, BreaksOffWhenBytesWereChangedOnTheWay) {
  TlsServer server{authority.issue({})};
  Result<Stream> connected = connect(server);
  say(*server_socket, std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
  loop.poll();
  EXPECT_EQ(read(*connected), std::unexpected(std::errc::protocol_error));
  EXPECT_EQ(read(*connected), std::unexpected(std::errc::protocol_error));
}

}  // namespace
}  // namespace relay::net
