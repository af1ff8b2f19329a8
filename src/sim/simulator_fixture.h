#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "net/fd.h"
#include "sim/simulator.h"

// What the tests of the simulator share: one that runs, and a client that blocks.
namespace relay::sim {

struct Reply {
  std::string raw;
  http::AnswerHead head;
  std::string body;  // Without its framing.
  bool is_wellformed = true;
  bool is_complete = false;
  bool was_reset = false;

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
  [[nodiscard]] std::string field(std::string_view name) const {
    return std::string{head.fields.find(name).value_or("")};
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const net::SocketAddress to = net::to_socket_address(net::Endpoint::loopback(port));
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(fd_.get(), to.get(), to.size), 0);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Reads one final answer, or as much of it as comes.
  Reply receive(bool expects_no_body = false) {
    Reply reply;
    while (read_head(reply, expects_no_body) && reply.head.status < 200) reply.head = {};
    if (reply.is_wellformed && reply.head.status != 0) read_body(reply);
    return reply;
  }

  // All until the connection ends.
  Reply receive_to_the_end() {
    Reply reply;
    while (more(reply)) {
    }
    return reply;
  }

 private:
  bool more(Reply& reply) {
    char bytes[16 * 1024];
    const ssize_t count = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (count < 0) reply.was_reset = errno == ECONNRESET;
    if (count <= 0) return false;
    pending_.append(bytes, static_cast<std::size_t>(count));
    reply.raw.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  bool read_head(Reply& reply, bool expects_no_body) {
    for (;;) {
      const auto parsed = http::parse_answer_head(pending_, expects_no_body, reply.head);
      reply.is_wellformed = parsed.has_value();
      if (!parsed) return false;
      if (*parsed) {
        pending_.erase(0, **parsed);
        return true;
      }
      if (!more(reply)) return false;
    }
  }

  void read_body(Reply& reply) {
    http::BodyDecoder decoder{reply.head.body, Origin::upstream};
    for (;;) {
      const auto decoded = decoder.decode(std::span{pending_});
      reply.is_wellformed = decoded.has_value();
      if (!decoded) return;
      reply.body += decoded->payload;
      pending_.erase(0, decoded->consumed);
      if (decoder.is_done()) break;
      if (pending_.empty() && !more(reply)) break;
    }
    const bool by_close = reply.head.body.kind == http::Framing::until_close && !reply.was_reset;
    reply.is_complete = decoder.is_done() || by_close;
  }

  net::Fd fd_;
  std::string pending_;
};

struct SimulatorTest : testing::Test {
  BackgroundSimulator simulator{{.credential = "secret"}};

  [[nodiscard]] Client connect() const { return Client{simulator.port()}; }

  static std::string request(std::string_view method, std::string_view target,
                             std::string_view body = {}, std::string_view fields = {}) {
    std::string text = std::string{method}.append(" ").append(target);
    text.append(" HTTP/1.1\r\nhost: x\r\nx-api-key: secret\r\n").append(fields);
    if (!body.empty()) text += "content-length: " + std::to_string(body.size()) + "\r\n";
    return text.append("\r\n").append(body);
  }
  static std::string message_body(std::string_view script, std::string_view more = {}) {
    return R"({"model":"claude-sonnet-5","max_tokens":100,)" + std::string{more} +
           R"("messages":[{"role":"user","content":"hi [[sim: )" + std::string{script} +
           R"(]]"}]})";
  }
  static std::string message(std::string_view script, std::string_view more = {}) {
    return request("POST", "/v1/messages", message_body(script, more));
  }
  static std::string stream(std::string_view script) {
    return message(script, R"("stream":true,)");
  }

  Reply ask(std::string_view bytes) const {
    Client client = connect();
    client.send(bytes);
    return client.receive();
  }
  [[nodiscard]] nlohmann::json totals() const {
    return ask(request("GET", "/__sim/totals")).json();
  }

  // The last entry of the log, once there are `count`.
  [[nodiscard]] nlohmann::json last_entry(std::size_t count = 1) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (totals()["requests"] < count && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    const std::string log = ask(request("GET", "/__sim/log")).body;
    if (log.empty()) return {};
    const std::size_t before = log.rfind('\n', log.size() - 2);
    return nlohmann::json::parse(log.substr(before == std::string::npos ? 0 : before + 1));
  }
};

}  // namespace relay::sim
