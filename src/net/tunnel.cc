#include "net/tunnel.h"

#include <array>
#include <span>

#include "base/limits.h"
#include "http/head_parser.h"
#include "net/unreachable.h"

namespace relay::net {
namespace {

using Outcome = Result<void>;

Outcome refused(std::string_view reason) {
  return std::unexpected(unreachable("proxy: " + std::string{reason}));
}
Outcome broken_off(std::errc why) {
  return std::unexpected(unreachable("proxy", why));
}

// What a proxy has said so far to CONNECT; none if it goes on. Bytes after the head could only come
// from a peer that speaks before it is spoken to, which no upstream of ours does.
std::optional<Outcome> judged(std::string_view answer) {
  http::AnswerHead head;
  const Result<std::optional<std::size_t>> parsed = http::parse_answer_head(answer, true, head);
  if (!parsed) return refused("no HTTP answer to CONNECT: " + parsed.error().detail);
  if (!*parsed) return std::nullopt;
  if (head.status < 200 || head.status > 299) {
    return refused("CONNECT answered " + std::to_string(head.status));
  }
  if (**parsed != answer.size()) return refused("bytes after the answer to CONNECT");
  return Outcome{};
}

Task<Outcome> connect_through_http(Socket& socket, const Proxy& proxy, const std::string& host,
                                   std::uint16_t port, BufferPool& pool, TimePoint deadline) {
  std::string request = connect_request(proxy, host, port);
  const IoResult<void> sent = co_await socket.write({request}, deadline);
  wipe(request);
  if (!sent) co_return broken_off(sent.error());

  std::string answer;
  for (;;) {
    const IoResult<Buffer> part = co_await socket.read(pool, deadline);
    if (!part) co_return broken_off(part.error());
    if (part->empty()) co_return refused("closed the connection instead of an answer to CONNECT");
    answer += part->bytes();
    const std::optional<Outcome> outcome = judged(answer);
    if (outcome) co_return *outcome;
  }
}

// Says `words` and fills `answer`: no more than that, because the next byte may be the upstream's.
Task<IoResult<void>> ask(Socket& socket, const std::string& words, std::span<char> answer,
                         TimePoint deadline) {
  const IoResult<void> sent = co_await socket.write({words}, deadline);
  if (!sent) co_return sent;
  while (!answer.empty()) {
    const IoResult<std::size_t> count = co_await socket.read_into(answer, deadline);
    if (!count) co_return std::unexpected(count.error());
    if (*count == 0) co_return std::unexpected(std::errc::connection_aborted);
    answer = answer.subspan(*count);
  }
  co_return IoResult<void>{};
}

Task<Outcome> log_in(Socket& socket, const Proxy& proxy, TimePoint deadline) {
  std::array<char, 2> answer = {};
  const std::string greeting = socks_greeting(proxy);
  const IoResult<void> met = co_await ask(socket, greeting, answer, deadline);
  if (!met) co_return broken_off(met.error());
  if (answer[0] != 5) co_return refused("does not speak SOCKS5");
  if (answer[1] == 0) co_return Outcome{};
  if (answer[1] != 2 || proxy.user.empty()) co_return refused("SOCKS5: no login that it takes");

  std::string login = socks_login(proxy);
  const IoResult<void> known = co_await ask(socket, login, answer, deadline);
  wipe(login);
  if (!known) co_return broken_off(known.error());
  if (answer[1] != 0) co_return refused("SOCKS5: login refused");
  co_return Outcome{};
}

// The reply ends with an address of the proxy, whose length its fourth byte tells; for a name, the
// fifth.
std::optional<std::size_t> bytes_after_fifth(std::span<const char, 5> reply) noexcept {
  constexpr std::size_t port = 2;
  switch (reply[3]) {
    case 1: return 4 - 1 + port;
    case 3: return static_cast<unsigned char>(reply[4]) + port;
    case 4: return 16 - 1 + port;
    default: return std::nullopt;
  }
}

Task<Outcome> connect_through_socks(Socket& socket, const Proxy& proxy, const std::string& host,
                                    std::uint16_t port, TimePoint deadline) {
  const Outcome logged_in = co_await log_in(socket, proxy, deadline);
  if (!logged_in) co_return logged_in;

  std::array<char, 5> reply = {};
  const std::string request = socks_request(host, port);
  const IoResult<void> asked = co_await ask(socket, request, reply, deadline);
  if (!asked) co_return broken_off(asked.error());
  if (reply[0] != 5) co_return refused("does not speak SOCKS5");
  const auto code = static_cast<std::uint8_t>(reply[1]);
  if (code != 0) co_return refused("SOCKS5: " + std::string{socks_refusal(code)});

  const std::optional<std::size_t> rest_bytes = bytes_after_fifth(reply);
  if (!rest_bytes) co_return refused("SOCKS5: unknown address type in its reply");
  std::array<char, 257> rest;
  const std::span<char> space = std::span{rest}.first(*rest_bytes);
  const std::string nothing;
  const IoResult<void> read = co_await ask(socket, nothing, space, deadline);
  if (!read) co_return broken_off(read.error());
  co_return Outcome{};
}

}  // namespace

Task<Result<void>> open_tunnel(Socket& socket, const Proxy& proxy, const std::string& host,
                               std::uint16_t port, BufferPool& pool, TimePoint deadline) {
  switch (proxy.kind) {
    case Proxy::Kind::http: return connect_through_http(socket, proxy, host, port, pool, deadline);
    case Proxy::Kind::socks5: return connect_through_socks(socket, proxy, host, port, deadline);
  }
  __builtin_unreachable();
}

}  // namespace relay::net
