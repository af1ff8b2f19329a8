#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "http/head_parser.h"

namespace relay::http {
namespace {

using std::string_literals::operator""s;

AnswerHead parsed(std::string_view bytes, bool expects_no_body = false) {
  AnswerHead head;
  const auto read = parse_answer_head(bytes, expects_no_body, head);
  EXPECT_TRUE(read.has_value()) << bytes << "\n" << (read ? "" : read.error().detail);
  EXPECT_EQ(read.value_or(std::nullopt), bytes.size()) << bytes;
  return head;
}

std::string with(std::string_view fields, std::string_view status = "200 OK") {
  return fmt::format("HTTP/1.1 {}\r\n{}\r\n", status, fields);
}

void expect_refused(std::string_view bytes) {
  AnswerHead head;
  const auto whole = parse_answer_head(bytes, false, head);
  ASSERT_FALSE(whole.has_value()) << "accepted: " << bytes;
  EXPECT_EQ(whole.error().code, ErrorCode::upstream_protocol);
  EXPECT_EQ(whole.error().origin, Origin::upstream);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto part = parse_answer_head(bytes.substr(0, cut), false, head);
    if (part && !*part) continue;
    ASSERT_FALSE(part.has_value()) << "accepted after " << cut << " of " << bytes;
    ASSERT_EQ(part.error().detail, whole.error().detail) << "cut at " << cut << " of " << bytes;
  }
}

TEST(AnswerHead, IsReadAsItCame) {
  const std::string bytes =
      with("request-id: r1\r\nContent-Length: 5\r\n", "429 Too Many Requests");
  const AnswerHead head = parsed(bytes);
  EXPECT_EQ(head.status, 429);
  EXPECT_EQ(head.body, (BodyFraming{Framing::length, 5}));
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.fields.find("Request-Id"), "r1");

  AnswerHead ignored;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto part = parse_answer_head(std::string_view{bytes}.substr(0, cut), false, ignored);
    EXPECT_TRUE(part && !*part) << "cut at " << cut;
  }
  EXPECT_EQ(parse_answer_head(bytes + "hello", false, ignored), bytes.size());
}

TEST(AnswerHead, SaysHowItsBodyEnds) {
  EXPECT_EQ(parsed(with("Transfer-Encoding: chunked\r\n")).body,
            (BodyFraming{Framing::chunked, 0}));
  EXPECT_EQ(parsed(with("")).body, (BodyFraming{Framing::until_close, 0}));
  for (const char* status :
       {"100 Continue", "101 Switching Protocols", "204 No Content", "304 x"}) {
    EXPECT_EQ(parsed(with("", status)).body, BodyFraming{}) << status;
  }
  EXPECT_EQ(parsed(with("Content-Length: 5\r\n", "304 Not Modified")).body, BodyFraming{});
  EXPECT_EQ(parsed(with("Content-Length: 5\r\n"), true).body, BodyFraming{});
  EXPECT_EQ(parsed(with("Transfer-Encoding: chunked\r\n"), true).body, BodyFraming{});
}

TEST(AnswerHead, SaysWhetherTheConnectionGoesOn) {
  EXPECT_TRUE(parsed(with("Content-Length: 0\r\n")).keep_alive);
  EXPECT_FALSE(parsed(with("Content-Length: 0\r\nConnection: close\r\n")).keep_alive);
  EXPECT_FALSE(parsed(with("")).keep_alive);
  EXPECT_FALSE(parsed("HTTP/1.0 200 \r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(
      parsed("HTTP/1.0 200 \r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(AnswerHead, MayHaveAnyReasonOrNone) {
  EXPECT_EQ(parsed(with("", "529 ")).status, 529);
  EXPECT_EQ(parsed(with("", "529 \xc3\xa4 \t x")).status, 529);
}

TEST(AnswerHead, RefusesWhatIsNoStatusLine) {
  for (const std::string& bytes :
       {"HTTP/1.1 200\r\n\r\n"s, "HTTP/1.1  200 OK\r\n\r\n"s, "HTTP/2.0 200 OK\r\n\r\n"s,
        "HTTP/1.2 200 OK\r\n\r\n"s, "http/1.1 200 OK\r\n\r\n"s, "ICY 200 OK\r\n\r\n"s,
        "HTTP/1.1 20 OK\r\n\r\n"s, "HTTP/1.1 2000 OK\r\n\r\n"s, "HTTP/1.1 099 OK\r\n\r\n"s,
        "HTTP/1.1 600 OK\r\n\r\n"s, "HTTP/1.1 +20 OK\r\n\r\n"s, "HTTP/1.1 200 OK\n\n"s,
        "HTTP/1.1 200 O\rK\r\n\r\n"s, "HTTP/1.1 200 O\0K\r\n\r\n"s, "\r\nHTTP/1.1 200 OK\r\n\r\n"s,
        "<html>"s, "\x15\x03\x03"s}) {
    expect_refused(bytes);
  }
}

TEST(AnswerHead, RefusesFramingThatCouldBeReadTwoWays) {
  for (const char* fields :
       {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1, 1\r\n",
        "Content-Length: -1\r\n", "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Connection: a b\r\n"}) {
    expect_refused(with(fields));
  }
  expect_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(AnswerHead, RefusesABodyWhereTheStatusAllowsNone) {
  for (const char* status : {"100 x", "101 x", "204 x"}) {
    expect_refused(with("Content-Length: 1\r\n", status));
    expect_refused(with("Transfer-Encoding: chunked\r\n", status));
  }
}

TEST(AnswerHead, RefusesFieldLinesThatCouldBeReadTwoWays) {
  for (const std::string& line : {"x : y\r\n"s, " x: y\r\n"s, "x: y\n"s, "x: y\rz: 1\r\n"s,
                                  "x: a\r\n b\r\n"s, "x: \0\r\n"s, "x\r\n"s}) {
    expect_refused(with(line));
  }
}

TEST(AnswerHead, IsBoundedInFieldsAndBytes) {
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += fmt::format("x{}: y\r\n", i);
  parsed(with(fields));
  expect_refused(with(fields + "x: y\r\n"));

  AnswerHead head;
  const std::string endless = with("x: " + std::string(limits::response_head_bytes_max, 'y'));
  EXPECT_FALSE(parse_answer_head(endless, false, head).has_value());
}

}  // namespace
}  // namespace relay::http
