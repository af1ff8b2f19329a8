#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relay::sim {

// What a request for a message says, as far as its answer depends on it.
struct MessageRequest {
  std::string model;
  std::int64_t output_tokens_max = 0;
  bool is_stream = false;
  bool includes_usage = false;  // stream_options of a chat completion.
  bool thinks = false;
  std::vector<std::string> tools;
  std::int64_t tool_results = 0;  // Blocks of this type in all messages.
};

enum class MessageKind : std::uint8_t { message, token_count, chat };

// invalid_request, in the words of the real API.
[[nodiscard]] Result<MessageRequest> parse_message_request(std::string_view body, MessageKind kind);

// The input of a call to the tool `name` of the request `body`: JSON that has what its schema
// requires, with `text` for every string.
[[nodiscard]] std::string tool_input(std::string_view body, std::string_view name,
                                     std::string_view text);

}  // namespace relay::sim
