#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace relay::http {

// Request heads and chunked bodies for tests: put together from the parts that matter to framing
// and trust, most of them valid, some then damaged. The same seed gives the same heads.
class HeadGenerator {
 public:
  explicit HeadGenerator(std::uint64_t seed) : random_{seed} {}

  std::string next() {
    std::string head = request_line();
    head += one_of(std::array<std::string_view, 5>{"Host: a\r\n", "Host: a\r\n", "host:a\r\n",
                                                   "Host: [::1]:80\r\n", ""});
    for (std::size_t n = below(8); n > 0; --n) head += field();
    head += "\r\n";
    for (std::size_t n = below(3) == 0 ? below(3) : 0; n > 0; --n) damage(head);
    return head;
  }

  // A chunked body, with what may follow it.
  std::string next_chunked() {
    static constexpr std::array<std::string_view, 7> extensions = {"",     "",           "",   ";",
                                                                   ";a=b", ";a=\"b c\"", "; a"};
    static constexpr std::array<std::string_view, 5> trailers = {"", "", "", "x: y\r\n",
                                                                 "Content-Length: 5\r\n"};
    std::string body;
    for (std::size_t n = below(4); n > 0; --n) {
      const std::size_t bytes = 1 + below(9);
      body += std::string(below(4) == 0 ? below(3) : 0, '0') + std::to_string(bytes);
      body.append(one_of(extensions)).append("\r\n").append(bytes, 'p').append("\r\n");
    }
    body.append("0").append(one_of(extensions)).append("\r\n").append(one_of(trailers));
    body.append("\r\n").append(below(2) == 0 ? "next" : "");
    for (std::size_t n = below(2) == 0 ? below(3) : 0; n > 0; --n) damage(body);
    return body;
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  template <typename Values>
  std::string_view one_of(const Values& values) {
    return values[below(values.size())];
  }

  std::string request_line() {
    static constexpr std::array<std::string_view, 9> methods = {
        "POST", "POST", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"};
    static constexpr std::array<std::string_view, 10> targets = {
        "/",          "/v1/messages?beta=true",
        "/a%2Fb",     "*",
        "http://a/x", "//a",
        "/a?b#c",     "a:80",
        "/%zz",       "/x?[]{}|"};
    static constexpr std::array<std::string_view, 5> versions = {"HTTP/1.1", "HTTP/1.1", "HTTP/1.1",
                                                                 "HTTP/1.0", "HTTP/2.0"};
    return std::string{one_of(methods)}
        .append(" ")
        .append(one_of(targets))
        .append(" ")
        .append(one_of(versions))
        .append("\r\n");
  }

  std::string field() {
    static constexpr std::array<std::string_view, 30> names = {"Content-Length",
                                                               "Transfer-Encoding",
                                                               "Connection",
                                                               "X-Api-Key",
                                                               "Authorization",
                                                               "x_api_key",
                                                               "Expect",
                                                               "TE",
                                                               "Trailer",
                                                               "Upgrade",
                                                               "Cookie",
                                                               "Host",
                                                               "anthropic-beta",
                                                               "anthropic-beta",
                                                               "Accept",
                                                               "X-Forwarded-For",
                                                               "Proxy-Authorization",
                                                               "Via",
                                                               "Keep-Alive",
                                                               "x",
                                                               "content-length",
                                                               "Content-Type",
                                                               "X-B",
                                                               "Origin",
                                                               "Forwarded",
                                                               "content_length",
                                                               "Accept-Encoding",
                                                               "Referer",
                                                               "X-Original-URL",
                                                               "api-key"};
    static constexpr std::array<std::string_view, 28> values = {"",
                                                                "0",
                                                                "5",
                                                                "007",
                                                                "+5",
                                                                "5, 5",
                                                                "chunked",
                                                                "Chunked",
                                                                "gzip, chunked",
                                                                "identity",
                                                                "close",
                                                                "keep-alive",
                                                                "x, X-B",
                                                                "close, anthropic-beta",
                                                                "Bearer secret-of-client",
                                                                "secret-of-client",
                                                                "100-continue",
                                                                "trailers",
                                                                "a",
                                                                "a\tb",
                                                                "\xff",
                                                                "18446744073709551616",
                                                                "a: b",
                                                                "HTTP/1.1",
                                                                "accept",
                                                                "upgrade, te",
                                                                "\"quoted, text\"",
                                                                "0x5"};
    static constexpr std::array<std::string_view, 8> separators = {":",   ": ", ": ",  ": ",
                                                                   ":\t", ": ", ":  ", " :"};
    return std::string{one_of(names)}
        .append(below(20) == 0 ? one_of(separators) : ": ")
        .append(one_of(values))
        .append(below(10) == 0 ? " \r\n" : "\r\n");
  }

  void damage(std::string& head) {
    static constexpr std::string_view bytes{"\r\n \t:;,\0\x01\x7f\x80/%aZ0-_", 18};
    const std::size_t at = below(head.size());
    switch (below(4)) {
      case 0: head.erase(at, 1); break;
      case 1: head.insert(at, 1, bytes[below(bytes.size())]); break;
      case 2: head[at] = bytes[below(bytes.size())]; break;
      default: head.insert(at, head.substr(below(head.size()), below(20))); break;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace relay::http
