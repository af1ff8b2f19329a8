#include "mock_upstream/request_reader.h"

#include <gtest/gtest.h>

namespace relay::bench {
namespace {

constexpr std::string_view plain =
    "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n{\"stream\":false}";
constexpr std::string_view stream =
    "POST /v1/messages HTTP/1.1\r\nX-Mock-Events: 7\r\nx-mock-delay-us: 20\r\n"
    "transfer-encoding: chunked\r\n\r\nf\r\n{\"stream\":true}\r\n0\r\n\r\n";

TEST(RequestReader, FindsTheEndHoweverTheBytesCome) {
  for (const std::string_view request : {plain, stream}) {
    for (std::size_t size = 1; size <= request.size(); ++size) {
      RequestReader reader;
      for (std::size_t at = 0; at < request.size(); at += size) {
        EXPECT_EQ(reader.read(request.substr(at, size)), at + size >= request.size()) << size;
      }
    }
  }
}

TEST(RequestReader, TellsWhatIsAskedOfTheMock) {
  RequestReader reader;
  ASSERT_TRUE(reader.read(stream));
  EXPECT_TRUE(reader.request().wants_stream);
  EXPECT_EQ(reader.request().events, 7);
  EXPECT_EQ(reader.request().delay, 20'000);
  ASSERT_TRUE(reader.read(plain));
  EXPECT_FALSE(reader.request().wants_stream);
  EXPECT_EQ(reader.request().delay, 0);
}

}  // namespace
}  // namespace relay::bench
