#include "http/body_decoder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace relay::http {
namespace {

using std::string_literals::operator""s;

constexpr BodyFraming chunked{Framing::chunked, 0};

struct Outcome {
  std::string payload;
  std::size_t consumed = 0;
  bool is_done = false;
  std::string fault = {};

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << fmt::format("{} bytes, {} consumed, {} {}", outcome.payload.size(),
                            outcome.consumed, outcome.is_done ? "done" : "open", outcome.fault);
}

// Feeds `bytes` in pieces, as a connection does: nothing is fed once the body has ended.
Outcome decoded(BodyFraming framing, std::string bytes, std::size_t first, std::size_t piece) {
  BodyDecoder decoder{framing};
  Outcome outcome;
  std::size_t n = first;
  while (outcome.consumed < bytes.size() && !decoder.is_done()) {
    n = std::min(n, bytes.size() - outcome.consumed);
    const auto part = decoder.decode(std::span{bytes}.subspan(outcome.consumed, n));
    if (!part) {
      outcome.fault = part.error().message;
      return outcome;
    }
    outcome.payload += part->payload;
    outcome.consumed += part->consumed;
    EXPECT_EQ(part->is_last, decoder.is_done());
    EXPECT_TRUE(part->is_last || part->consumed == n);
    n = piece;
  }
  outcome.is_done = decoder.is_done();
  return outcome;
}

// Whole, cut in two everywhere, and byte by byte: all the same, but for how far a fault was seen.
Outcome decoded(BodyFraming framing, const std::string& bytes) {
  const Outcome whole = decoded(framing, bytes, bytes.size(), bytes.size());
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const Outcome parts = decoded(framing, bytes, cut, bytes.size());
    EXPECT_EQ(parts.fault, whole.fault) << "cut at " << cut << " of " << bytes;
    if (whole.fault.empty()) {
      EXPECT_EQ(parts, whole) << "cut at " << cut << " of " << bytes;
    }
  }
  const Outcome bytewise = decoded(framing, bytes, 1, 1);
  EXPECT_EQ(bytewise.fault, whole.fault) << bytes;
  if (whole.fault.empty()) {
    EXPECT_EQ(bytewise, whole) << bytes;
  }
  return whole;
}

TEST(BodyDecoder, CountsABodyOfKnownLength) {
  EXPECT_EQ(decoded({Framing::length, 5}, "helloGET /"), (Outcome{"hello", 5, true}));
  EXPECT_EQ(decoded({Framing::length, 5}, "hell"), (Outcome{"hell", 4, false}));
  EXPECT_EQ(decoded({Framing::length, 0}, "x"), (Outcome{"", 0, true}));
  EXPECT_EQ(decoded({Framing::none, 0}, "x"), (Outcome{"", 0, true}));
}

TEST(BodyDecoder, LeavesTheEndToTheConnectionWhereNothingElseTells) {
  EXPECT_EQ(decoded({Framing::until_close, 0}, "hello"), (Outcome{"hello", 5, false}));
}

TEST(BodyDecoder, JoinsChunksAndStopsAtTheEnd) {
  EXPECT_EQ(decoded(chunked, "5\r\nhello\r\n1\r\n \r\n005\r\nworld\r\n0\r\n\r\nGET /"),
            (Outcome{"hello world", 33, true}));
  EXPECT_EQ(decoded(chunked, "0\r\n\r\n"), (Outcome{"", 5, true}));
  EXPECT_EQ(decoded(chunked, "a;n=v;q=\"x;  y\"\r\n0123456789\r\n000;z\r\n\r\n"),
            (Outcome{"0123456789", 38, true}));
  EXPECT_EQ(decoded(chunked, "0\r\nX-Sum: 1\r\ny:\r\n\r\nrest"), (Outcome{"", 19, true}));
  EXPECT_EQ(decoded(chunked, "3\r\n\r\n\r\r\n0\r\n\r\n"), (Outcome{"\r\n\r", 13, true}));
}

TEST(BodyDecoder, IsNotDoneBeforeTheLastByteOfTheFraming) {
  const std::string body = "1\r\nx\r\n0\r\nt: u\r\n\r\n";
  for (std::size_t n = 0; n < body.size(); ++n) {
    EXPECT_FALSE(decoded(chunked, body.substr(0, n)).is_done) << n;
  }
}

TEST(BodyDecoder, KeepsThePayloadInTheBufferItWasGiven) {
  std::string bytes = "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\nnext";
  BodyDecoder decoder{chunked};
  const auto part = decoder.decode(bytes);
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->payload, "abcd");
  EXPECT_EQ(part->payload.data(), bytes.data() + 3);
  EXPECT_EQ(bytes.substr(part->consumed), "next");
}

TEST(BodyDecoder, SaysHowMuchIsKnownToFollow) {
  BodyDecoder counted{{Framing::length, 10}};
  std::string bytes = "abc";
  ASSERT_TRUE(counted.decode(bytes).has_value());
  EXPECT_EQ(counted.remaining_hint(), 7);

  BodyDecoder chunks{chunked};
  bytes = "10\r\nabc";
  ASSERT_TRUE(chunks.decode(bytes).has_value());
  EXPECT_EQ(chunks.remaining_hint(), 13);
}

TEST(BodyDecoder, RefusesChunksThatCouldBeReadTwoWays) {
  for (const std::string& bytes : {"\r\n"s,
                                   ";x\r\n"s,
                                   "g\r\n"s,
                                   "+1\r\n"s,
                                   "-1\r\n"s,
                                   "0x1\r\n"s,
                                   " 1\r\n"s,
                                   "1 \r\n"s,
                                   "1\t\r\n"s,
                                   "1\n"s,
                                   "1\r1"s,
                                   "1,\r\n"s,
                                   "1;\r\n"s,
                                   "1;;a\r\n"s,
                                   "1;=\r\n"s,
                                   "1;a=\r\n"s,
                                   "1; a\r\n"s,
                                   "1;a =b\r\n"s,
                                   "1;a=\"b\r\n"s,
                                   "1;a=\"b\"c\r\n"s,
                                   "1;a=b=c\r\n"s,
                                   "1;a=\"\\\r\n"s,
                                   "1;a\n"s,
                                   "1;a\rb\r\n"s,
                                   "1;\0\r\n"s,
                                   "1;\x7f\r\n"s,
                                   "1\r\nab\r\n"s,
                                   "1\r\na\n"s,
                                   "1\r\na\r\r\n"s,
                                   "1\r\na0\r\n"s,
                                   "1\r\n\r\n\r\nx"s,
                                   "00000000000000001\r\n"s,
                                   "fffffffffffffffff\r\n"s,
                                   "1.0\r\n"s,
                                   "\0"s,
                                   "0\r\n\n"s,
                                   "0\r\n\r\r"s.substr(0, 4) + "x"s + "\n"s,
                                   "0\r\nx : y\r\n"s,
                                   "0\r\n x: y\r\n"s,
                                   "0\r\nx\r\n"s,
                                   "0\r\nx: y\n"s,
                                   "0\r\nx: \0\r\n"s,
                                   "0\r\nx: y\r\n z\r\n"s}) {
    EXPECT_NE(decoded(chunked, bytes).fault, "") << bytes;
  }
}

TEST(BodyDecoder, RefusesFieldsThatMayNotTrail) {
  for (const char* name : {"Content-Length", "transfer-encoding", "HOST", "authorization",
                           "X-Api-Key", "cookie", "x-forwarded-for", "connection", "trailer"}) {
    EXPECT_NE(decoded(chunked, fmt::format("0\r\n{}: 1\r\n\r\n", name)).fault, "") << name;
  }
}

TEST(BodyDecoder, TakesSizesUpToSixteenDigits) {
  std::string bytes = "ffffffffffffffff\r\nabc";
  BodyDecoder decoder{chunked};
  ASSERT_TRUE(decoder.decode(bytes).has_value());
  EXPECT_EQ(decoder.remaining_hint(), 0xffffffffffffffff - 3);
}

TEST(BodyDecoder, BoundsExtensions) {
  const std::string longest = ";" + std::string(limits::chunk_extension_bytes_max - 1, 'x');
  EXPECT_EQ(decoded(chunked, "0" + longest + "\r\n\r\n").fault, "");
  EXPECT_NE(decoded(chunked, "0" + longest + "x\r\n\r\n").fault, "");

  std::string many;
  for (int i = 0; i < 16; ++i) many += "1" + longest + "\r\nx\r\n";
  EXPECT_EQ(decoded(chunked, many + "0\r\n\r\n", 4096, 4096).fault, "");
  EXPECT_NE(decoded(chunked, many + "0;x\r\n\r\n", 4096, 4096).fault, "");
}

TEST(BodyDecoder, BoundsTrailers) {
  std::string fields;
  for (std::size_t i = 0; i < limits::trailer_fields_max; ++i) fields += "x: y\r\n";
  EXPECT_EQ(decoded(chunked, "0\r\n" + fields + "\r\n").fault, "");
  EXPECT_NE(decoded(chunked, "0\r\n" + fields + "x: y\r\n\r\n").fault, "");

  std::string endless = "0\r\nx: " + std::string(limits::trailer_bytes_max, 'y');
  BodyDecoder decoder{chunked};
  const auto part = decoder.decode(endless);
  ASSERT_FALSE(part.has_value());
  EXPECT_EQ(part.error().code, ErrorCode::head_too_large);
}

TEST(BodyDecoder, BlamesTheSender) {
  for (const Origin sender : {Origin::client, Origin::upstream}) {
    BodyDecoder decoder{chunked, sender};
    std::string bytes = "x";
    const auto part = decoder.decode(bytes);
    ASSERT_FALSE(part.has_value());
    EXPECT_EQ(part.error().origin, sender);
    EXPECT_EQ(part.error().code,
              sender == Origin::client ? ErrorCode::invalid_request : ErrorCode::upstream_protocol);
  }
}

}  // namespace
}  // namespace relay::http
