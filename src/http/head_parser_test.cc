#include "http/head_parser.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

namespace relay::http {
namespace {

using std::string_literals::operator""s;

constexpr std::string_view typical =
    "POST /v1/messages?beta=true HTTP/1.1\r\n"
    "Accept: application/json\r\n"
    "X-Api-Key: sk-proxy-1\r\n"
    "anthropic-beta: a\r\n"
    "anthropic-beta:b\r\n"
    "Host: relay.example:8080\r\n"
    "Content-Length: 12\r\n"
    "\r\n";

// A complete head that was accepted. Fails the test if it was not.
RequestHead parsed(std::string_view bytes) {
  RequestHead head;
  const auto read = parse_request_head(bytes, head);
  EXPECT_TRUE(read.has_value()) << bytes << "\n" << (read ? "" : read.error().message);
  EXPECT_EQ(read.value_or(std::nullopt), bytes.size()) << bytes;
  return head;
}

// One line and one Host, then `fields`.
std::string with(std::string_view fields, std::string_view method = "POST") {
  return fmt::format("{} / HTTP/1.1\r\nHost: a\r\n{}\r\n", method, fields);
}

ErrorCode fault(std::string_view bytes) {
  RequestHead head;
  const auto read = parse_request_head(bytes, head);
  EXPECT_FALSE(read.has_value()) << "accepted: " << bytes;
  if (read) return ErrorCode::internal;
  EXPECT_EQ(read.error().origin, Origin::client);
  EXPECT_FALSE(read.error().message.empty());
  return read.error().code;
}

// The network decides where bytes are cut: every beginning of an accepted head is incomplete, and
// every beginning of a refused one is incomplete or refused for the same reason.
void expect_no_cut_matters(std::string_view bytes) {
  RequestHead head;
  const auto whole = parse_request_head(bytes, head);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto part = parse_request_head(bytes.substr(0, cut), head);
    if (part && !*part) continue;
    ASSERT_FALSE(part.has_value()) << "accepted after " << cut << " of " << bytes;
    ASSERT_FALSE(whole.has_value()) << "refused after " << cut << " of " << bytes;
    ASSERT_EQ(part.error().message, whole.error().message) << "cut at " << cut << " of " << bytes;
  }
}

TEST(RequestHead, IsReadAsItCame) {
  const RequestHead head = parsed(typical);
  EXPECT_EQ(head.method, Method::post);
  EXPECT_EQ(head.target, "/v1/messages?beta=true");
  EXPECT_EQ(head.path(), "/v1/messages");
  EXPECT_EQ(head.query(), "beta=true");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.body, (BodyFraming{Framing::length, 12}));
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expects_continue);
  ASSERT_EQ(head.fields.size(), 6);
  EXPECT_EQ(head.fields[0].name.text(), "Accept");
  EXPECT_EQ(head.fields[2].value, "a");
  EXPECT_EQ(head.fields[3].value, "b");
  EXPECT_EQ(head.fields.find("host"), "relay.example:8080");
}

TEST(RequestHead, EndsWhereItEndsWhateverFollows) {
  RequestHead head;
  EXPECT_EQ(parse_request_head(std::string{typical} + "GET / HT\n\0"s, head), typical.size());
  EXPECT_EQ(parse_request_head("\r\n" + std::string{typical}, head), typical.size() + 2);
}

TEST(RequestHead, IsTheSameWhereverItIsCut) {
  expect_no_cut_matters(typical);
  expect_no_cut_matters("\r\n" + std::string{typical});
}

TEST(RequestHead, ReplacesTheOneBefore) {
  RequestHead head;
  ASSERT_TRUE(parse_request_head(typical, head));
  ASSERT_TRUE(parse_request_head("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", head));
  EXPECT_EQ(head.method, Method::get);
  EXPECT_EQ(head.target, "/x");
  EXPECT_EQ(head.path(), "/x");
  EXPECT_EQ(head.minor_version, 0);
  EXPECT_EQ(head.body, BodyFraming{});
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.fields.size(), 1);
}

TEST(RequestHead, MayBeOddAsLongAsItIsClear) {
  for (const std::string& bytes : {
           "GET / HTTP/1.0\r\n\r\n"s,
           "GET / HTTP/1.0\r\nHost: a\r\n\r\n"s,
           "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"s,
           "GET / HTTP/1.1\r\nhOsT: a.example.\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost:a\r\n\r\n"s,
           "GET / HTTP/1.1\r\nHost:\t a \t\r\n\r\n"s,
           "GET /a%2Fb/%e2%82%ac;p=1,2/@:!$&'()*+~?x=[1]&y={|}^`/?%25 HTTP/1.1\r\nHost: a\r\n\r\n"s,
           with("!#$%&'*+-.^_`|~09azAZ: x\r\n"),
           with("x: \xff\x80 obs-text\r\n"),
           with("x:\r\n"),
           with("x: a\tb\r\n"),
           with("Content-Length: 000000000000000000000000000012\r\n"),
           with("Content-Length: 18446744073709551615\r\n"),
           with("Content-Length: 0\r\n", "GET"),
           with("Transfer-Encoding: Chunked\r\n", "DELETE"),
           with("Connection: , close ,, TE\r\nTE: trailers\r\n"),
           with("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n"),
           "GET /"s + std::string(8192 - 14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
       }) {
    parsed(bytes);
    expect_no_cut_matters(bytes);
  }
}

TEST(RequestHead, SaysHowItsBodyEnds) {
  EXPECT_EQ(parsed(with("")).body, (BodyFraming{Framing::none, 0}));
  EXPECT_EQ(parsed(with("Content-Length: 0\r\n")).body, (BodyFraming{Framing::length, 0}));
  EXPECT_EQ(parsed(with("Content-Length: 0007\r\n")).body, (BodyFraming{Framing::length, 7}));
  EXPECT_EQ(parsed(with("Transfer-Encoding: chunked\r\n")).body,
            (BodyFraming{Framing::chunked, 0}));
}

TEST(RequestHead, SaysWhetherTheConnectionGoesOn) {
  EXPECT_FALSE(parsed(with("Connection: Close\r\n")).keep_alive);
  EXPECT_FALSE(parsed(with("Connection: keep-alive\r\nConnection: close\r\n")).keep_alive);
  EXPECT_FALSE(parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(RequestHead, ExpectsContinueOnlyForABody) {
  EXPECT_TRUE(parsed(with("Expect: 100-Continue\r\nContent-Length: 1\r\n")).expects_continue);
  EXPECT_FALSE(parsed(with("Expect: 100-continue\r\n")).expects_continue);
}

TEST(RequestHead, StoresAnAbsoluteTargetAsAPath) {
  EXPECT_EQ(parsed("GET http://a.B:8/x?y HTTP/1.1\r\nHost: A.b:8\r\n\r\n").target, "/x?y");
  EXPECT_EQ(parsed("GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
  const RequestHead head = parsed("GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.path(), "/");
  EXPECT_EQ(head.query(), "q");
}

struct Refusal {
  std::string bytes;
  ErrorCode code = ErrorCode::invalid_request;
};

void expect_refused(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) {
    EXPECT_EQ(fault(refusal.bytes), refusal.code) << refusal.bytes;
    expect_no_cut_matters(refusal.bytes);
  }
}

TEST(RequestHead, RefusesWhatIsNoRequestLine) {
  std::vector<Refusal> refusals = {
      {"\x16\x03\x01\x02"},
      {"SSH-2.0-OpenSSH_9.2p1\r\n"},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"},
      {"\r\n\r\n\x0d\x0aQUIT\n"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"\n"},
      {" GET / HTTP/1.1\r\n"},
      {"GET\t/ HTTP/1.1\r\n"},
      {"GET  / HTTP/1.1\r\n"},
      {"GET /  HTTP/1.1\r\n"},
      {"GET / HTTP/1.1 \r\n"},
      {"GET / HTTP/1.1\n\r\n"},
      {"GET / HTTP/1.1\r\r\n"},
      {"GET /\r\n"},
      {"GET\r\n"},
      {"GET / \r\n"},
      {"GET / http/1.1\r\n"},
      {"GET / HTTP/1.10\r\n"},
      {"GET / HTTP/01.1\r\n", ErrorCode::version_unsupported},
      {"GET / HTTP/1,1\r\n"},
      {"GET / ICY/1.1\r\n"},
      {"G\0T / HTTP/1.1\r\n"s},
      {"GET / HTTP/2.0\r\n", ErrorCode::version_unsupported},
      {"GET / HTTP/0.9\r\n", ErrorCode::version_unsupported},
      {"GET / HTTP/1.2\r\n", ErrorCode::version_unsupported},
      {"TRACE / HTTP/1.1\r\n", ErrorCode::method_not_allowed},
      {"CONNECT a:443 HTTP/1.1\r\n", ErrorCode::method_not_allowed},
      {"get / HTTP/1.1\r\n", ErrorCode::method_unknown},
      {"PROPFIND / HTTP/1.1\r\n", ErrorCode::method_unknown},
      {std::string(100, 'A'), ErrorCode::method_unknown},
      {"GET /"s + std::string(8192 - 13, 'a') + " HTTP/1.1\r\n", ErrorCode::target_too_long},
  };
  expect_refused(refusals);
}

TEST(RequestHead, RefusesWhatIsNoTarget) {
  for (const std::string& target :
       {"v1"s,           "a:443"s,        "http:/a"s,   "http://"s, "http:///x"s, "http://u@a/"s,
        "http://b/"s,    "http://a:80/"s, "ftp://a/"s,  "*"s,       "*/"s,        "/*#"s,
        "/#f"s,          "/a#"s,          "/\\"s,       "/?\\"s,    "/\""s,       "/<x>"s,
        "/{x}"s,         "/a|b"s,         "/\xc3\xa4"s, "/\x7f"s,   "/\x01"s,     "/\0"s,
        "/\t"s,          "/%"s,           "/%4"s,       "/%4g"s,    "/?%zz"s,     "/a%2"s,
        "http://a\\b/"s, "http://a#/"s}) {
    const std::string bytes = "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
    expect_refused({{bytes}});
  }
  expect_refused({{"GET http://a/ HTTP/1.0\r\n\r\n"}});
}

TEST(RequestHead, RefusesFieldLinesThatCouldBeReadTwoWays) {
  for (const std::string& line :
       {"x : y\r\n"s, "x\t: y\r\n"s, " x: y\r\n"s, "\tx: y\r\n"s, ": y\r\n"s, "xy\r\n"s, "x: y\n"s,
        "x: y\rz: 1\r\n"s, "x: y\r\r\n"s, "x: \0\r\n"s, "x: \x01\r\n"s, "x: \x7f\r\n"s,
        "x: a\r\n b\r\n"s, "x\0: y\r\n"s, "x(y): z\r\n"s, "\xc3\xa4: z\r\n"s, "x: \x0b\r\n"s,
        "\r x: y\r\n"s, "\n"s}) {
    expect_refused({{with(line)}});
  }
}

TEST(RequestHead, RefusesHostsThatAreNotOneHost) {
  expect_refused({{"GET / HTTP/1.1\r\n\r\n"},
                  {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
                  {"GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n"}});
  for (const char* host :
       {"",         "a b", "a,b", "a/b",           "u@a",     "a:",     "a:b", "a:65536",
        "a:1:2",    "[",   "[]",  "[::1",          "[::g]",   "[::1]x", "::1", "a%41",
        "\xc3\xa4", "a?",  "a#",  "[fe80::1%251]", "a:000080"}) {
    expect_refused({{fmt::format("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", host)}});
  }
}

// The classes of request smuggling: CL.TE, TE.CL, TE.TE, CL.CL and their disguises.
TEST(RequestHead, RefusesFramingThatCouldBeReadTwoWays) {
  for (const char* value : {"", "+1", "-1", " 1 1", "1,1", "0x1", "1e1", "1.0", "\xb2", "1;"}) {
    expect_refused({{with(fmt::format("Content-Length: {}\r\n", value))}});
  }
  for (const char* value :
       {"", "chunked, chunked", "gzip, chunked", "chunked, gzip", "identity", "xchunked",
        "\"chunked\"", "chunked;q=1", ",chunked", "chunked,", "\vchunked"}) {
    expect_refused({{with(fmt::format("Transfer-Encoding: {}\r\n", value))}});
  }
  expect_refused({
      {with("Content-Length: 1\r\nContent-Length: 1\r\n")},
      {with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")},
      {with("Transfer-Encoding: gzip\r\nContent-Length: 1\r\n")},
      {with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {with("Transfer-Encoding: chunked\r\ntransfer-encoding: identity\r\n")},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {with("Transfer-Encoding: gzip\r\n"), ErrorCode::method_unknown},
      {with("Content-Length: 18446744073709551616\r\n"), ErrorCode::request_too_large},
      {with("Content-Length: 99999999999999999999999999\r\n"), ErrorCode::request_too_large},
  });
}

TEST(RequestHead, RefusesABodyWhereTheMethodHasNone) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) {
    expect_refused({{with("Content-Length: 1\r\n", method)},
                    {with("Transfer-Encoding: chunked\r\n", method)}});
  }
}

TEST(RequestHead, RefusesExpectationsItCannotMeet) {
  expect_refused({{with("Expect: 200-ok\r\n"), ErrorCode::expectation_failed},
                  {with("Expect:\r\n"), ErrorCode::expectation_failed},
                  {with("Expect: 100-continue, x\r\n"), ErrorCode::expectation_failed}});
}

TEST(RequestHead, RefusesToHaveProtectedFieldsTakenOut) {
  for (const char* name :
       {"host", "Content-Length", "transfer-encoding", "x-api-key", "Authorization", "cookie",
        "X-Forwarded-For", "x-real-ip", "CF-Connecting-IP", "forwarded", "via", "origin"}) {
    expect_refused({{with(fmt::format("Connection: close, {}\r\n", name))}});
  }
  expect_refused({{with("Connection: a b\r\n")}, {with("Connection: \"close\"\r\n")}});
}

TEST(RequestHead, IsBoundedInFieldsAndBytes) {
  std::string fields;
  for (int i = 0; i < 99; ++i) fields += fmt::format("x{}: y\r\n", i);
  parsed(with(fields));
  expect_refused({{with(fields + "x: y\r\n"), ErrorCode::head_too_large}});

  const std::size_t room = limits::request_head_bytes_max - with("x: \r\n").size();
  parsed(with("x: " + std::string(room, 'y') + "\r\n"));
  const std::string longer = with("x: " + std::string(room + 1, 'y') + "\r\n");
  EXPECT_EQ(fault(longer), ErrorCode::head_too_large);
  EXPECT_EQ(fault(std::string_view{longer}.substr(0, limits::request_head_bytes_max)),
            ErrorCode::head_too_large);
}

}  // namespace
}  // namespace relay::http
