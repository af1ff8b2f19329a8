#include "sim/messages.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/content.h"
#include "sim/event_stream.h"
#include "sim/json_text.h"

namespace relay::sim {
namespace {

// As the base64 of a real one: with characters that URLs and JSON would escape.
constexpr std::string_view signature = "EqQBCkgIARABGAIiQL+simulated/signature==";

UsageDefaults defaults_of(const ModelCall& call) {
  const auto body_bytes = static_cast<std::int64_t>(call.body.size());
  const std::int64_t deltas = std::max<std::int64_t>(call.script.deltas, 1);
  return {.input = std::max<std::int64_t>(body_bytes / 4, 1), .output = 3 * deltas + 1};
}

std::string_view model_of(const ModelCall& call) noexcept {
  return call.script.model.empty() ? call.request.model : call.script.model;
}

std::string stop_reason(const ModelCall& call) {
  if (!call.script.stop.empty()) return call.script.stop;
  return is_tool_turn(call.script, call.request) ? "tool_use" : "end_turn";
}

// `members` between braces, without those that are empty.
std::string joined(std::initializer_list<std::string_view> members) {
  std::string object = "{";
  for (const std::string_view member : members) {
    if (member.empty()) continue;
    if (object.size() > 1) object += ',';
    object += member;
  }
  return object += '}';
}

std::string whole_block(const Block& block) {
  switch (block.kind) {
    case Block::Kind::thinking:
      return fmt::format(R"({{"type":"thinking","thinking":"{}","signature":"{}"}})", block.text(),
                         signature);
    case Block::Kind::text: return fmt::format(R"({{"type":"text","text":"{}"}})", block.text());
    case Block::Kind::tool_use:
      return fmt::format(R"({{"type":"tool_use","id":"{}","name":{},"input":{}}})", block.tool_id,
                         json_string(block.tool_name), block.tool_input);
  }
  __builtin_unreachable();
}

std::string message_head(const ModelCall& call) {
  return fmt::format(R"("id":"{}","type":"message","role":"assistant","model":{})",
                     object_id("msg_01", call.number), json_string(model_of(call)));
}

Event message_start(const ModelCall& call) {
  const UsageText usage = start_usage(call.script, defaults_of(call));
  const std::string message = joined(
      {message_head(call), R"("content":[],"stop_reason":null,"stop_sequence":null)", usage.json});
  return {"message_start", fmt::format(R"({{"type":"message_start","message":{}}})", message),
          usage.reported};
}

std::string empty_block(const Block& block) {
  switch (block.kind) {
    case Block::Kind::thinking: return R"({"type":"thinking","thinking":"","signature":""})";
    case Block::Kind::text: return R"({"type":"text","text":""})";
    case Block::Kind::tool_use:
      return fmt::format(R"({{"type":"tool_use","id":"{}","name":{},"input":{{}}}})", block.tool_id,
                         json_string(block.tool_name));
  }
  __builtin_unreachable();
}

Event block_delta(std::size_t index, std::string_view type, std::string_view member,
                  std::string_view text) {
  return {"content_block_delta",
          fmt::format(
              R"({{"type":"content_block_delta","index":{},"delta":{{"type":"{}","{}":"{}"}}}})",
              index, type, member, text)};
}

Event delta_of(Block::Kind kind, std::size_t index, std::string_view text) {
  switch (kind) {
    case Block::Kind::thinking: return block_delta(index, "thinking_delta", "thinking", text);
    case Block::Kind::text: return block_delta(index, "text_delta", "text", text);
    case Block::Kind::tool_use: return block_delta(index, "input_json_delta", "partial_json", text);
  }
  __builtin_unreachable();
}

const Event ping{"ping", R"({"type":"ping"})"};

void add_block(std::vector<Event>& events, const Script& script, const Block& block,
               std::size_t index) {
  events.push_back({"content_block_start",
                    fmt::format(R"({{"type":"content_block_start","index":{},"content_block":{}}})",
                                index, empty_block(block))});
  if (index == 0) events.insert(events.end(), static_cast<std::size_t>(script.pings), ping);
  const auto ping_every = static_cast<std::size_t>(script.ping_every);
  for (std::size_t i = 0; i < block.deltas.size(); ++i) {
    events.push_back(delta_of(block.kind, index, block.deltas[i]));
    if (ping_every > 0 && (i + 1) % ping_every == 0) events.push_back(ping);
  }
  if (block.kind == Block::Kind::thinking) {
    events.push_back(block_delta(index, "signature_delta", "signature", signature));
  }
  events.push_back(
      {"content_block_stop", fmt::format(R"({{"type":"content_block_stop","index":{}}})", index)});
}

Event message_delta(const ModelCall& call, std::int64_t nth, std::int64_t count) {
  const UsageText usage = delta_usage(call.script, defaults_of(call), nth, count);
  const std::string stop = nth == count ? json_string(stop_reason(call)) : "null";
  return {"message_delta",
          joined({R"("type":"message_delta")",
                  fmt::format(R"("delta":{{"stop_reason":{},"stop_sequence":null}})", stop),
                  usage.json}),
          usage.reported};
}

std::vector<Event> message_events(const ModelCall& call) {
  std::vector<Event> events{message_start(call)};
  const std::vector<Block> blocks = compose(call.script, call.request, call.body);
  for (std::size_t i = 0; i < blocks.size(); ++i) add_block(events, call.script, blocks[i], i);
  const std::int64_t deltas = call.script.message_deltas;
  for (std::int64_t nth = 1; nth <= deltas; ++nth) {
    events.push_back(message_delta(call, nth, deltas));
  }
  events.push_back({"message_stop", R"({"type":"message_stop"})"});
  return events;
}

Answer as_stream(const Script& script, std::vector<Event> events) {
  return {.status = 200,
          .content_type = "text/event-stream; charset=utf-8",
          .fields = "cache-control: no-cache\r\n",
          .pieces = write_events(script, std::move(events))};
}

std::string chat_chunk(const ModelCall& call, std::string_view rest) {
  return fmt::format(
      R"({{"id":"{}","object":"chat.completion.chunk","created":1700000000,"model":{},{}}})",
      object_id("chatcmpl-", call.number), json_string(model_of(call)), rest);
}

std::vector<Event> chat_events(const ModelCall& call, const UsageText& usage) {
  std::vector<Event> events;
  const std::vector<Block> blocks = compose(call.script, call.request, call.body);
  const auto add = [&](std::string_view rest) { events.push_back({"", chat_chunk(call, rest)}); };
  add(R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}])");
  for (const Block& block : blocks) {
    if (block.kind != Block::Kind::text) continue;
    for (const std::string& delta : block.deltas) {
      add(fmt::format(
          R"("choices":[{{"index":0,"delta":{{"content":"{}"}},"finish_reason":null}}])", delta));
    }
  }
  add(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])");
  if (call.request.includes_usage) {
    add(usage.json.empty() ? R"("choices":[])" : R"("choices":[],)" + usage.json);
    events.back().usage = usage.reported;
  }
  events.push_back({"", "[DONE]"});
  return events;
}

}  // namespace

std::string object_id(std::string_view prefix, std::uint64_t number) {
  return fmt::format("{}SiMuLaToR{:013d}", prefix, number);
}

Piece whole_message(const ModelCall& call) {
  std::string content;
  for (const Block& block : compose(call.script, call.request, call.body)) {
    if (!content.empty()) content += ',';
    content += whole_block(block);
  }
  const UsageText usage = message_usage(call.script, defaults_of(call));
  const std::string rest = fmt::format(R"("content":[{}],"stop_reason":{},"stop_sequence":null)",
                                       content, json_string(stop_reason(call)));
  return {joined({message_head(call), rest, usage.json}), usage.reported};
}

Answer answer_message(const ModelCall& call) {
  if (call.request.is_stream) return as_stream(call.script, message_events(call));
  Answer answer;
  answer.pieces.push_back(whole_message(call));
  return answer;
}

Answer answer_token_count(const ModelCall& call) {
  const ReportedUsage usage = message_usage(call.script, defaults_of(call)).reported;
  return json_answer(fmt::format(R"({{"input_tokens":{}}})", usage.input));
}

Answer answer_chat(const ModelCall& call) {
  const UsageText usage = chat_usage(call.script, defaults_of(call));
  if (call.request.is_stream) return as_stream(call.script, chat_events(call, usage));
  std::string content;
  for (const Block& block : compose(call.script, call.request, call.body)) {
    if (block.kind == Block::Kind::text) content += block.text();
  }
  Answer answer;
  answer.pieces.push_back(
      {joined({fmt::format(R"("id":"{}","object":"chat.completion","created":1700000000)",
                           object_id("chatcmpl-", call.number)),
               fmt::format(R"("model":{})", json_string(model_of(call))),
               fmt::format(R"("choices":[{{"index":0,"message":{{"role":"assistant",)"
                           R"("content":"{}"}},"finish_reason":"stop"}}])",
                           content),
               usage.json}),
       usage.reported});
  return answer;
}

}  // namespace relay::sim
