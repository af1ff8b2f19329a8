#include "http/forwarding.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/head_parser.h"

namespace relay::http {
namespace {

constexpr UpstreamTarget anthropic{.host = "api.anthropic.com", .credential = "sk-ant-1"};

RequestHead request(std::string_view fields,
                    std::string_view line = "POST /v1/messages?beta=true") {
  RequestHead head;
  const std::string bytes = fmt::format("{} HTTP/1.1\r\nHost: relay\r\n{}\r\n", line, fields);
  EXPECT_EQ(parse_request_head(bytes, head).value_or(std::nullopt), bytes.size()) << bytes;
  return head;
}

std::string written(const RequestHead& head, const UpstreamTarget& target = anthropic,
                    BodyFraming body = {Framing::length, 2}) {
  FrameText out;
  write_upstream_head(head, target, body, out);
  return std::string{out};
}

bool passes(std::string_view field, const UpstreamTarget& target = anthropic) {
  const std::string line = fmt::format("{}\r\n", field);
  return written(request(line), target).find(line) != std::string::npos;
}

TEST(WriteUpstreamHead, WritesTheRequestAnew) {
  EXPECT_EQ(written(request("accept: application/json\r\n"
                            "X-Api-Key: sk-proxy-1\r\n"
                            "anthropic-beta: a\r\n"
                            "Connection: keep-alive\r\n"
                            "anthropic-beta: b\r\n"
                            "Accept-Encoding: gzip\r\n"
                            "Content-Length: 2\r\n")),
            "POST /v1/messages?beta=true HTTP/1.1\r\n"
            "host: api.anthropic.com\r\n"
            "x-api-key: sk-ant-1\r\n"
            "accept: application/json\r\n"
            "anthropic-beta: a\r\n"
            "anthropic-beta: b\r\n"
            "accept-encoding: identity\r\n"
            "content-length: 2\r\n"
            "\r\n");
}

TEST(WriteUpstreamHead, ShowsTheCredentialAsTheUpstreamWantsIt) {
  const auto line = [](CredentialScheme scheme, std::string_view fields) {
    UpstreamTarget target = anthropic;
    target.scheme = scheme;
    const std::string head = written(request(fields), target);
    const std::size_t at = head.find("anthropic.com\r\n") + 15;
    return head.substr(at, head.find('\r', at) - at);
  };
  const std::string x_api_key = "x-api-key: sk-ant-1";
  const std::string bearer = "authorization: Bearer sk-ant-1";
  EXPECT_EQ(line(CredentialScheme::x_api_key, "Authorization: Bearer k\r\n"), x_api_key);
  EXPECT_EQ(line(CredentialScheme::bearer, "X-Api-Key: k\r\n"), bearer);
  EXPECT_EQ(line(CredentialScheme::same_as_client, "Authorization: Bearer k\r\n"), bearer);
  EXPECT_EQ(line(CredentialScheme::same_as_client, "X-Api-Key: k\r\n"), x_api_key);
  EXPECT_EQ(line(CredentialScheme::same_as_client, "X-Api-Key: k\r\nAuthorization: Bearer k\r\n"),
            x_api_key);
}

TEST(WriteUpstreamHead, FramesTheBodyAsItGoesOut) {
  const auto framing = [](std::string_view method, BodyFraming body) {
    const std::string head = written(request("", fmt::format("{} /", method)), anthropic, body);
    return head.substr(head.find("identity\r\n") + 10);
  };
  EXPECT_EQ(framing("POST", {Framing::length, 7}), "content-length: 7\r\n\r\n");
  EXPECT_EQ(framing("POST", {}), "content-length: 0\r\n\r\n");
  EXPECT_EQ(framing("POST", {Framing::chunked, 0}), "transfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(framing("GET", {}), "\r\n");
  EXPECT_EQ(framing("GET", {Framing::length, 0}), "\r\n");
  EXPECT_EQ(framing("DELETE", {}), "\r\n");
}

TEST(WriteUpstreamHead, DropsWhatIsNoneOfTheUpstreamsBusiness) {
  for (const char* field : {"Authorization: Bearer k",
                            "x-api-key: k",
                            "Cookie: a=b",
                            "Forwarded: for=a",
                            "X-Forwarded-For: 192.0.2.1",
                            "X-Forwarded: a",
                            "X-Real-IP: 192.0.2.1",
                            "CF-Connecting-IP: 192.0.2.1",
                            "True-Client-IP: 192.0.2.1",
                            "Via: 1.1 a",
                            "TE: trailers",
                            "Trailer: a",
                            "Upgrade: h2c",
                            "Keep-Alive: timeout=5",
                            "Proxy-Authorization: Basic a",
                            "Proxy-Connection: close",
                            "Origin: https://a",
                            "Referer: https://a/",
                            "x_api_key: k",
                            "anthropic_version: 1",
                            "Content_Length: 1",
                            "X-HTTP-Method-Override: DELETE",
                            "X-Original-URL: /admin",
                            "HTTP2-Settings: a",
                            "Accept-Encoding: gzip"}) {
    EXPECT_FALSE(passes(field)) << field;
  }
  EXPECT_EQ(written(request("Expect: 100-continue\r\n")).find("xpect"), std::string::npos);
}

TEST(WriteUpstreamHead, DropsWhatConnectionNames) {
  const std::string head =
      written(request("a: 1\r\nConnection: keep-alive, B\r\nb: 2\r\nconnection: c\r\nC: 3\r\n"));
  EXPECT_NE(head.find("a: 1\r\n"), std::string::npos);
  EXPECT_EQ(head.find("b: 2"), std::string::npos);
  EXPECT_EQ(head.find("C: 3"), std::string::npos);
}

TEST(WriteUpstreamHead, PassesUnknownFieldsUnlessToldOtherwise) {
  UpstreamTarget strict = anthropic;
  strict.forward_headers = ForwardHeaders::allowlist;
  EXPECT_TRUE(passes("X-New: 1"));
  EXPECT_FALSE(passes("X-New: 1", strict));
  for (const char* field :
       {"Anthropic-Version: 1", "Content-Type: a/b", "content-encoding: gzip", "Accept: */*",
        "User-Agent: a", "X-Stainless-Lang: js", "x-app: cli", "X-Claude-Code-Session-Id: 1"}) {
    EXPECT_TRUE(passes(field)) << field;
    EXPECT_TRUE(passes(field, strict)) << field;
  }
  strict.wants_identity = false;
  EXPECT_TRUE(passes("Accept-Encoding: gzip", strict));
}

std::string answered(std::string_view fields, const AnswerPolicy& policy = {}) {
  AnswerHead head;
  const std::string bytes = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{}\r\n", fields);
  EXPECT_EQ(parse_answer_head(bytes, false, head).value_or(std::nullopt), bytes.size()) << bytes;
  ResponseHead out;
  append_answer_fields(head, policy, out);
  return out.fields;
}

TEST(AppendAnswerFields, KeepsWhatClientsReadAndDropsWhatIsTheUpstreamsOwn) {
  EXPECT_EQ(answered("content-type: application/json\r\n"
                     "Request-Id: req_1\r\n"
                     "retry-after: 2\r\n"
                     "x-should-retry: true\r\n"
                     "anthropic-ratelimit-requests-limit: 5\r\n"
                     "CF-RAY: 1\r\n"
                     "Date: now\r\n"
                     "Set-Cookie: a=b\r\n"
                     "set-cookie: c=d\r\n"
                     "anthropic-organization-id: o\r\n"
                     "Strict-Transport-Security: max-age=1\r\n"
                     "alt-svc: h3\r\n"
                     "NEL: {}\r\n"
                     "Report-To: {}\r\n"
                     "Server: cloudflare\r\n"
                     "via: 1.1 google\r\n"
                     "X-Accel-Redirect: /admin\r\n"
                     "Connection: keep-alive, x-hop\r\n"
                     "X-Hop: 1\r\n"
                     "Keep-Alive: timeout=5\r\n"),
            "content-type: application/json\r\n"
            "Request-Id: req_1\r\n"
            "retry-after: 2\r\n"
            "x-should-retry: true\r\n"
            "anthropic-ratelimit-requests-limit: 5\r\n"
            "CF-RAY: 1\r\n");
}

TEST(AppendAnswerFields, HidesSharedRateLimitsWhenToldTo) {
  for (const RateLimitFields fields : {RateLimitFields::hide, RateLimitFields::own}) {
    EXPECT_EQ(answered("Anthropic-RateLimit-Tokens-Limit: 5\r\nretry-after: 1\r\n",
                       {.ratelimit_fields = fields}),
              "retry-after: 1\r\n");
  }
}

TEST(AppendAnswerFields, KeepsEventStreamsOutOfCachesAndBuffers) {
  EXPECT_EQ(
      answered("Content-Type: Text/Event-Stream; charset=utf-8\r\ncache-control: no-cache\r\n"),
      "Content-Type: Text/Event-Stream; charset=utf-8\r\n"
      "cache-control: no-store\r\n"
      "x-accel-buffering: no\r\n");
}

TEST(AppendAnswerFields, LeadsBackHereInsteadOfToTheUpstream) {
  const AnswerPolicy policy{.upstream_host = "up:8443", .base_path = "/prefix/v1"};
  const auto location = [&](std::string_view value) {
    const std::string fields = answered(fmt::format("Location: {}\r\n", value), policy);
    return fields.substr(10, fields.size() - 12);
  };
  EXPECT_EQ(location("https://UP:8443/prefix/v1/files/1?x#y"), "/v1/files/1?x#y");
  EXPECT_EQ(location("//up:8443/prefix/v1/x"), "/v1/x");
  EXPECT_EQ(location("/prefix/v1/x"), "/v1/x");
  EXPECT_EQ(location("/other"), "/other");
  EXPECT_EQ(location("https://up:8443"), "/");
  for (const char* elsewhere :
       {"https://up/prefix/x", "https://evil/prefix/v1", "//evil/x", "https://up:8443@evil/",
        "https://up:8443//evil/x", "https://up:8443/prefix//evil/x", "https://up:8443/\\evil", "x",
        "https:/prefix/v1"}) {
    EXPECT_EQ(location(elsewhere), elsewhere);
  }
}

TEST(AppendAnswerFields, TakesTheDefaultPortForNone) {
  EXPECT_EQ(answered("Location: https://api.anthropic.com:443/v1/x\r\n",
                     {.upstream_host = "api.anthropic.com"}),
            "Location: /v1/x\r\n");
}

TEST(AppendAnswerFields, MasksTheCredentialInAnyValue) {
  EXPECT_EQ(answered("x-debug: key=sk-ant-1;\r\n", {.credential = "sk-ant-1"}),
            "x-debug: key=********;\r\n");
}

TEST(AnnouncedLength, IsKnownWithoutABody) {
  AnswerHead head;
  ASSERT_TRUE(parse_answer_head("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true, head));
  EXPECT_EQ(head.body.kind, Framing::none);
  EXPECT_EQ(announced_length(head), 7);
  ASSERT_TRUE(parse_answer_head("HTTP/1.1 304 x\r\n\r\n", true, head));
  EXPECT_EQ(announced_length(head), std::nullopt);
}

TEST(WriteUpstreamHead, LeavesOutARangeWhereTheWholeAnswerIsWanted) {
  UpstreamTarget whole = anthropic;
  whole.wants_whole = true;
  for (const auto* field : {"Range: bytes=1-", "if-range: x"}) {
    EXPECT_TRUE(passes(field)) << field;
    EXPECT_FALSE(passes(field, whole)) << field;
  }
}

}  // namespace
}  // namespace relay::http
