#include "net/proxy.h"

#include <gtest/gtest.h>

namespace relay::net {
namespace {

using namespace std::string_literals;

TEST(Proxy, IsReadFromAUrl) {
  const Proxy http = parse_proxy("http://proxy.test:3128").value();
  EXPECT_EQ(http.kind, Proxy::Kind::http);
  EXPECT_EQ(http.host, "proxy.test");
  EXPECT_EQ(http.port, 3128);
  EXPECT_EQ(http.user, "");

  const Proxy socks = parse_proxy("socks5h://al%69ce:p%40ss:%2fword@[::1]:1080").value();
  EXPECT_EQ(socks.kind, Proxy::Kind::socks5);
  EXPECT_EQ(socks.host, "::1");
  EXPECT_EQ(socks.user, "alice");
  EXPECT_EQ(socks.password.reveal(), "p@ss:/word");
}

TEST(Proxy, IsNotReadFromAnythingElse) {
  for (const char* const url :
       {"", "proxy.test:3128", "https://proxy.test:3128", "http://", "http://proxy.test",
        "http://proxy.test:", "http://proxy.test:0", "http://proxy.test:65536",
        "http://proxy.test:80/", "http://:80", "http://a b:80", "http://a\r\n:80", "http://::1:80",
        "http://[proxy.test]:80", "http://alice@proxy.test:80", "http://:secret@proxy.test:80",
        "http://al%6:x@proxy.test:80", "http://al%zz:x@proxy.test:80"}) {
    EXPECT_FALSE(parse_proxy(url).has_value()) << url;
  }
}

TEST(Proxy, IsAskedToConnect) {
  Proxy proxy = parse_proxy("http://proxy.test:3128").value();
  EXPECT_EQ(connect_request(proxy, "upstream.test", 443),
            "CONNECT upstream.test:443 HTTP/1.1\r\nhost: upstream.test:443\r\n\r\n");
  proxy = parse_proxy("http://alice:open%20sesame@proxy.test:3128").value();
  EXPECT_EQ(connect_request(proxy, "2001:db8::1", 8443),
            "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nhost: [2001:db8::1]:8443\r\n"
            "proxy-authorization: Basic YWxpY2U6b3BlbiBzZXNhbWU=\r\n\r\n");
}

TEST(Proxy, IsSpokenToInSocks) {
  EXPECT_EQ(socks_greeting(parse_proxy("socks5://proxy.test:1080").value()), "\x05\x01\x00"s);
  const Proxy proxy = parse_proxy("socks5://al:sesame@proxy.test:1080").value();
  EXPECT_EQ(socks_greeting(proxy), "\x05\x02\x00\x02"s);
  EXPECT_EQ(socks_login(proxy),
            "\x01\x02"
            "al\x06sesame"s);

  EXPECT_EQ(socks_request("upstream.test", 443), "\x05\x01\x00\x03\x0dupstream.test\x01\xbb"s);
  EXPECT_EQ(socks_request("192.0.2.1", 80), "\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50"s);
  EXPECT_EQ(socks_request("::1", 80),
            "\x05\x01\x00\x04"s + std::string(15, '\0') + "\x01\x00\x50"s);
}

}  // namespace
}  // namespace relay::net
