#include "http/head_writer.h"

#include <gtest/gtest.h>

#include "http/head_parser.h"

namespace relay::http {
namespace {

RequestHead request(Method method, int minor_version = 1) {
  RequestHead head;
  head.method = method;
  head.minor_version = minor_version;
  return head;
}

std::string written(const ResponseHead& head, const AnswerEnds& ends) {
  std::string out;
  write_answer_head(head, ends, out);
  return out;
}

TEST(AnswerFraming, DependsOnMethodStatusAndVersion) {
  const BodyFraming none{};
  const BodyFraming chunked{Framing::chunked, 0};
  EXPECT_EQ(answer_framing(request(Method::post), {.length = 5}),
            (BodyFraming{Framing::length, 5}));
  EXPECT_EQ(answer_framing(request(Method::post), {}), chunked);
  EXPECT_EQ(answer_framing(request(Method::post, 0), {}), (BodyFraming{Framing::until_close, 0}));
  EXPECT_EQ(answer_framing(request(Method::head), {.length = 5}), none);
  for (const int status : {100, 204, 304}) {
    EXPECT_EQ(answer_framing(request(Method::get), {.status = status}), none) << status;
  }
}

TEST(AnswerHeadWriter, PutsTheFramingBehindTheCallersLines) {
  EXPECT_EQ(written({.status = 429, .fields = "retry-after: 2\r\n", .length = 0},
                    {.body = {Framing::length, 0}, .date_line = "date: now\r\n"}),
            "HTTP/1.1 429 Too Many Requests\r\n"
            "retry-after: 2\r\n"
            "content-length: 0\r\n"
            "date: now\r\n"
            "\r\n");
  EXPECT_EQ(written({}, {.body = {Framing::chunked, 0}, .keep_alive = false}),
            "HTTP/1.1 200 OK\r\n"
            "transfer-encoding: chunked\r\n"
            "connection: close\r\n"
            "\r\n");
}

TEST(AnswerHeadWriter, KnowsTheWaysOfHttp10) {
  EXPECT_EQ(written({}, {.body = {Framing::until_close, 0}, .request_minor_version = 0}),
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(written({.length = 1},
                    {.body = {Framing::length, 1}, .keep_alive = true, .request_minor_version = 0}),
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\n");
}

TEST(AnswerHeadWriter, SaysHowLongTheBodyOfAHeadRequestWouldBe) {
  EXPECT_EQ(written({.length = 7}, {}), "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n");
  EXPECT_EQ(written({.status = 204, .length = 0}, {}), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(AnswerHeadWriter, WritesWhatTheParserReads) {
  for (const int status : {200, 204, 304, 404, 529, 599}) {
    const ResponseHead head{.status = status, .fields = "a: b\r\n"};
    const AnswerEnds ends{.body = answer_framing(request(Method::post), head)};
    AnswerHead read;
    const std::string bytes = written(head, ends);
    EXPECT_EQ(parse_answer_head(bytes, false, read).value_or(std::nullopt), bytes.size());
    EXPECT_EQ(read.status, status);
    EXPECT_EQ(read.body, ends.body);
    EXPECT_TRUE(read.keep_alive);
    EXPECT_EQ(read.fields.find("a"), "b");
  }
}

TEST(ChunkSizeLine, IsHexadecimal) {
  EXPECT_EQ(ChunkSizeLine{1}.view(), "1\r\n");
  EXPECT_EQ(ChunkSizeLine{0x1f4a}.view(), "1f4a\r\n");
  EXPECT_EQ(ChunkSizeLine{static_cast<std::size_t>(-1)}.view(), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace relay::http
