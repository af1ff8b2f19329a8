#include "net/endpoint.h"

#include <gtest/gtest.h>

namespace relay::net {
namespace {

TEST(Endpoint, ReadsWhatItWrites) {
  for (const char* const text : {"127.0.0.1:8080", "0.0.0.0:0", "192.0.2.1:65535", "[::1]:8080",
                                 "[::]:80", "[2001:db8::1]:443"}) {
    const std::optional<Endpoint> endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(to_string(*endpoint), text);
  }
}

TEST(Endpoint, RefusesWhatIsNotAnAddressAndAPort) {
  for (const char* const text : {"",
                                 ":",
                                 ":80",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1:80x",
                                 "127.0.0.1: 80",
                                 "127.1:80",
                                 "0127.0.0.1:80",
                                 "localhost:80",
                                 "::1:80",
                                 "[::1]",
                                 "[::1]80",
                                 "[::1:80",
                                 "[127.0.0.1]:80",
                                 "[fe80::1%eth0]:80",
                                 "[]:80",
                                 "[:80",
                                 "[11111:2222:3333:4444:5555:6666:7777:8888:9999:1111:2222]:80"}) {
    EXPECT_FALSE(parse_endpoint(text).has_value()) << text;
  }
}

TEST(Endpoint, SurvivesTheKernelsForm) {
  for (const char* const text : {"192.0.2.1:8080", "[2001:db8::1]:443"}) {
    const Endpoint endpoint = parse_endpoint(text).value();
    EXPECT_EQ(to_endpoint(to_socket_address(endpoint)), endpoint);
  }
}

// A socket that listens on both families tells IPv4 peers in IPv6 words.
TEST(Endpoint, TakesAMappedAddressForTheSameAsItsPlainOne) {
  EXPECT_EQ(parse_endpoint("[::ffff:192.0.2.1]:80"), parse_endpoint("192.0.2.1:80"));
}

}  // namespace
}  // namespace relay::net
