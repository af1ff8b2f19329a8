#include "net/tls_session.h"

#include <openssl/ssl.h>

#include <random>

#include "net/tls_fixture.h"

namespace relay::net {
namespace {

// Two sessions, back to back.
struct TlsSessionTest : testing::Test {
  Authority authority;
  TlsServer server{authority.issue({})};
  BufferPool sealed{limits::bulk_buffer_bytes + 2 * TlsSession::record_bytes_max};
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<TlsSession> near, far = server.session();

  TlsSessionTest() {
    TlsSession::Ssl ssl{SSL_new(context.get())};
    SSL_set_connect_state(ssl.get());
    near = std::make_unique<TlsSession>(std::move(ssl), sealed);
    near->shake_hands({});
    far->shake_hands(take(*near));
    near->shake_hands(take(*far));
    far->shake_hands(take(*near));
    open(*near, take(*far));
  }

  static std::string take(TlsSession& session) {
    const std::string bytes{session.unsent()};
    session.drop_sent(bytes.size());
    return bytes;
  }
  static std::string open(TlsSession& session, std::string_view bytes, std::size_t space = 65536) {
    std::string plain, part(space, '\0');
    do {
      const IoResult<TlsSession::Opened> opened = session.open(bytes, part);
      EXPECT_TRUE(opened.has_value());
      if (!opened || (opened->bytes == 0 && session.has_more())) return plain;
      plain.append(part, 0, opened->bytes);
      bytes = {};
    } while (session.has_more());
    return plain;
  }
};

TEST_F(TlsSessionTest, SealsALargeBodyIntoOneBuffer) {
  const std::string head(300, 'h'), body(200 * 1024, 'b');
  Pieces pieces{head, body};
  ASSERT_TRUE(near->seal(pieces));
  EXPECT_TRUE(pieces.empty());
  const std::string bytes = take(*near);
  EXPECT_LT(bytes.size(), head.size() + body.size() + 14 * 22 + 1);
  EXPECT_TRUE(open(*far, bytes) == head + body);
}

TEST_F(TlsSessionTest, SealsSmallPiecesIntoOneRecord) {
  Pieces pieces{"1\r\n", "x", "\r\n"};
  ASSERT_TRUE(near->seal(pieces));
  EXPECT_EQ(near->unsent().size(), 6u + 22u);
}

TEST_F(TlsSessionTest, SealsOnlyWhatThereIsRoomFor) {
  const std::string body(1024 * 1024, 'b');
  Pieces pieces{body};
  std::string heard;
  int buffers = 0;
  for (; !pieces.empty(); ++buffers) {
    ASSERT_TRUE(near->seal(pieces));
    heard += open(*far, take(*near));
  }
  EXPECT_EQ(buffers, 4);
  EXPECT_TRUE(heard == body);
}

TEST_F(TlsSessionTest, OpensTheSameWhereverTheBytesAreCutAndHoweverSmallTheSpace) {
  constexpr unsigned seed = 3;
  std::mt19937 random{seed};
  std::string body(100'000, '\0');
  for (char& byte : body) byte = static_cast<char>(random());
  for (int round = 0; round < 20; ++round) {
    Pieces pieces{body};
    ASSERT_TRUE(near->seal(pieces));
    const std::string bytes = take(*near);
    std::string heard;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t count = 1 + random() % 20'000;
      heard += open(*far, std::string_view{bytes}.substr(at, count), 1 + random() % 5'000);
      at += count;
    }
    ASSERT_TRUE(heard == body) << "seed " << seed << " round " << round;
  }
}

TEST_F(TlsSessionTest, HoldsNoBufferWhenAllIsSent) {
  Pieces pieces{"x"};
  ASSERT_TRUE(near->seal(pieces));
  EXPECT_EQ(sealed.in_use(), 1u);
  take(*near);
  EXPECT_EQ(sealed.in_use(), 0u);
}

TEST_F(TlsSessionTest, AnswersARequestForANewKey) {
  SSL_key_update(far->ssl(), SSL_KEY_UPDATE_REQUESTED);
  Pieces pieces{"after"};
  ASSERT_TRUE(far->seal(pieces));
  EXPECT_EQ(open(*near, take(*far)), "after");
  Pieces back{"back"};
  ASSERT_TRUE(near->seal(back));
  EXPECT_EQ(open(*far, take(*near)), "back");
}

TEST_F(TlsSessionTest, TellsTheEndAfterTheLastBytes) {
  Pieces pieces{"last"};
  ASSERT_TRUE(far->seal(pieces));
  std::string bytes = take(*far);
  far->close();
  bytes += take(*far);
  std::string space(64, '\0');
  const IoResult<TlsSession::Opened> opened = near->open(bytes, space);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->bytes, 4u);
  EXPECT_TRUE(opened->is_end);
  EXPECT_TRUE(near->has_more());
}

TEST_F(TlsSessionTest, SealsNothingOnceItIsBroken) {
  std::string space(64, '\0');
  const std::string garbage = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
  EXPECT_EQ(near->open(garbage, space).error(), std::errc::protocol_error);
  Pieces pieces{"x"};
  EXPECT_FALSE(near->seal(pieces));
}

}  // namespace
}  // namespace relay::net
