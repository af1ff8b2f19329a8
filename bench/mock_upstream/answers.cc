#include "mock_upstream/answers.h"

#include <fmt/format.h>

#include "shared/stamp.h"

namespace relay::bench {
namespace {

constexpr std::size_t answer_text_bytes = 1150;
constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string event(std::string_view name, std::string_view data) {
  const std::string text = fmt::format("event: {}\ndata: {}\n\n", name, data);
  return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}

std::string make_json_answer() {
  std::string text;
  while (text.size() < answer_text_bytes) text += "The quick brown fox jumps over the lazy dog; ";
  const std::string body = fmt::format(
      R"({{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant",)"
      R"("model":"claude-sonnet-4-5-20250929","content":[{{"type":"text","text":"{}"}}],)"
      R"("stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":1125,)"
      R"("cache_creation_input_tokens":512,"cache_read_input_tokens":20480,"output_tokens":357,)"
      R"("service_tier":"standard"}}}})",
      text);
  return fmt::format(
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
      "request-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\n"
      "anthropic-ratelimit-requests-remaining: 3999\r\nserver: mock\r\ncontent-length: "
      "{}\r\n\r\n{}",
      body.size(), body);
}

std::string make_stream_start() {
  return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
         "cache-control: no-cache\r\nrequest-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\n"
         "anthropic-ratelimit-requests-remaining: 3999\r\n"
         "anthropic-ratelimit-tokens-remaining: 399000\r\nserver: mock\r\n"
         "transfer-encoding: chunked\r\n\r\n" +
         event("message_start",
               R"({"type":"message_start","message":{"id":"msg_01XFDUDYJgAACzvnptvVoYEL",)"
               R"("type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",)"
               R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":)"
               R"({"input_tokens":1125,"cache_creation_input_tokens":512,)"
               R"("cache_read_input_tokens":20480,"output_tokens":1}}})");
}

std::string make_delta() {
  return event("content_block_delta",
               R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
               R"("text":" a few words of model output"},"ts":0000000000000000000})");
}

std::string_view stamped_delta(Nanos now) {
  thread_local std::string delta = make_delta();
  static const std::size_t digits = delta.find(stamp_member) + stamp_member.size();
  fmt::format_to_n(delta.data() + digits, stamp_digits, "{:019}", now);
  return delta;
}

}  // namespace

std::string_view json_answer() {
  static const std::string answer = make_json_answer();
  return answer;
}

std::string_view stream_start() {
  static const std::string start = make_stream_start();
  return start;
}

std::string_view stream_event(int index, int count, Nanos now) {
  static const std::string block_start =
      event("content_block_start", R"({"type":"content_block_start","index":0,)"
                                   R"("content_block":{"type":"text","text":""}})");
  static const std::string ping = event("ping", R"({"type":"ping"})");
  static const std::string block_stop =
      event("content_block_stop", R"({"type":"content_block_stop","index":0})");
  static const std::string message_delta =
      event("message_delta",
            R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
            R"("usage":{"output_tokens":357}})");
  static const std::string message_stop =
      event("message_stop", R"({"type":"message_stop"})") + std::string{last_chunk};
  if (index == 0) return block_start;
  if (index == 1) return ping;
  if (index == count - 3) return block_stop;
  if (index == count - 2) return message_delta;
  if (index == count - 1) return message_stop;
  return stamped_delta(now);
}

}  // namespace relay::bench
