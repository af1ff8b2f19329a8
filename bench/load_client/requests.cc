#include "load_client/requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace relay::bench {
namespace {

std::string body_of(std::size_t bytes, bool is_stream) {
  constexpr std::string_view words = R"(lorem ipsum dolor sit amet \n )";
  constexpr std::string_view end = R"("}]})";
  std::string body =
      fmt::format(R"({{"model":"claude-sonnet-4-5-20250929","stream":{},"max_tokens":1024,)"
                  R"("messages":[{{"role":"user","content":")",
                  is_stream);
  while (body.size() + words.size() + end.size() <= bytes) body += words;
  body += end;
  body.append(bytes - std::min(bytes, body.size()), ' ');
  return body;
}

std::string head_of(const Options& options, const std::string& key, std::size_t body_bytes) {
  std::string head = fmt::format(
      "POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: load-client/1\r\n"
      "accept: application/json\r\nanthropic-version: 2023-06-01\r\n"
      "anthropic-beta: fine-grained-tool-streaming-2025-05-14\r\n"
      "content-type: application/json\r\nx-api-key: {}\r\n"
      "x-mock-events: {}\r\nx-mock-delay-us: {}\r\ncontent-length: {}\r\n",
      key, options.events, options.delay_us, body_bytes);
  for (const std::string& field : options.fields) head += field + "\r\n";
  return head + "\r\n";
}

}  // namespace

Requests::Requests(const Options& options) : body_{body_of(options.body_bytes, options.is_stream)} {
  heads_.reserve(options.keys.size());
  for (const std::string& key : options.keys) {
    heads_.push_back(head_of(options, key, body_.size()));
  }
}

std::array<iovec, 2> Requests::rest(std::size_t head, std::size_t sent) noexcept {
  std::string& text = heads_[head];
  const std::size_t of_head = std::min(sent, text.size());
  const std::size_t of_body = sent - of_head;
  return {iovec{text.data() + of_head, text.size() - of_head},
          iovec{body_.data() + of_body, body_.size() - of_body}};
}

}  // namespace relay::bench
