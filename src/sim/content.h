#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/message_request.h"
#include "sim/script.h"

namespace relay::sim {

// One block of a message's content, in the pieces in which a stream gives it.
struct Block {
  enum class Kind : std::uint8_t { thinking, text, tool_use };

  Kind kind = Kind::text;
  std::vector<std::string> deltas;  // The insides of JSON strings: already escaped.
  std::string tool_name;
  std::string tool_id;
  std::string tool_input;  // JSON.

  [[nodiscard]] std::string text() const;  // All deltas.
};

// What the message says: the same for a stream and for a whole message, and the same for the same
// request and script. `body` is the request.
[[nodiscard]] std::vector<Block> compose(const Script& script, const MessageRequest& request,
                                         std::string_view body);

// Whether the message asks for a tool.
[[nodiscard]] bool is_tool_turn(const Script& script, const MessageRequest& request) noexcept;

}  // namespace relay::sim
