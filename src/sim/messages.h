#pragma once

#include <cstdint>
#include <string_view>

#include "sim/answer.h"
#include "sim/message_request.h"
#include "sim/script.h"

namespace relay::sim {

// One call of a model.
struct ModelCall {
  const Script& script;
  const MessageRequest& request;
  std::string_view body;
  std::uint64_t number;  // Names the message.
};

// POST /v1/messages.
[[nodiscard]] Answer answer_message(const ModelCall& call);

// POST /v1/messages/count_tokens.
[[nodiscard]] Answer answer_token_count(const ModelCall& call);

// POST /v1/chat/completions.
[[nodiscard]] Answer answer_chat(const ModelCall& call);

// A whole message as JSON, and its usage: also what the results of a batch consist of.
[[nodiscard]] Piece whole_message(const ModelCall& call);

// An id as the real API has them: "msg_01" and 22 letters.
[[nodiscard]] std::string object_id(std::string_view prefix, std::uint64_t number);

}  // namespace relay::sim
