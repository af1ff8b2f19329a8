#include "load_client/answer_reader.h"

#include <gtest/gtest.h>

namespace relay::bench {
namespace {

constexpr std::string_view counted =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
constexpr std::string_view chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n";

// The number of bytes after which the answer is complete, given in pieces of `size`.
std::size_t bytes_until_done(std::string_view answer, std::size_t size) {
  AnswerReader reader;
  std::size_t read = 0;
  while (read < answer.size()) {
    const std::string_view piece = answer.substr(read, size);
    read += piece.size();
    if (reader.read(piece)) return read;
  }
  return 0;
}

TEST(AnswerReader, FindsTheEndHoweverTheBytesCome) {
  for (const std::string_view answer : {counted, chunked}) {
    for (std::size_t size = 1; size <= answer.size(); ++size) {
      const std::size_t pieces = (answer.size() + size - 1) / size;
      EXPECT_EQ(bytes_until_done(answer, size), std::min(pieces * size, answer.size()));
    }
  }
}

TEST(AnswerReader, TellsTheStatusAndWhetherTheConnectionCloses) {
  AnswerReader reader;
  EXPECT_EQ(reader.status(), 0);
  reader.read(counted);
  EXPECT_EQ(reader.status(), 200);
  EXPECT_TRUE(reader.closes());
  reader.reset();
  reader.read("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(reader.status(), 429);
  EXPECT_FALSE(reader.closes());
}

TEST(AnswerReader, ReadsTheNextAnswerAfterAReset) {
  AnswerReader reader;
  EXPECT_TRUE(reader.read(chunked));
  reader.reset();
  EXPECT_TRUE(reader.read(counted));
}

TEST(AnswerReader, EndsWithTheHeadWhereThereIsNoBody) {
  AnswerReader reader;
  EXPECT_TRUE(reader.read("HTTP/1.1 204 No Content\r\n\r\n"));
}

}  // namespace
}  // namespace relay::bench
