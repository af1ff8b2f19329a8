#include "sim/message_request.h"

#include <simdjson.h>

#include <utility>

#include "sim/json_text.h"

namespace relay::sim {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{
      .code = ErrorCode::invalid_request, .origin = Origin::client, .message = std::move(message)});
}

// Kept for the next request, because its memory is.
simdjson::dom::parser& json_parser() {
  thread_local simdjson::dom::parser parser;
  return parser;
}

bool is_true(const simdjson::simdjson_result<element>& member) {
  bool value = false;
  return member.get(value) == simdjson::SUCCESS && value;
}

std::string text_of(const element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string{text} : std::string{};
}

std::int64_t tool_results_in(const element& message) {
  array blocks;
  if (message["content"].get(blocks) != simdjson::SUCCESS) return 0;
  std::int64_t count = 0;
  for (const element block : blocks) {
    std::string_view type;
    if (block["type"].get(type) == simdjson::SUCCESS && type == "tool_result") ++count;
  }
  return count;
}

Result<void> read_messages(const object& request, MessageRequest& read) {
  array messages;
  if (request["messages"].get(messages) != simdjson::SUCCESS) {
    return refuse("messages: Field required");
  }
  if (messages.size() == 0) return refuse("messages: at least one message is required");
  for (const element message : messages) {
    std::string_view role;
    if (message["role"].get(role) != simdjson::SUCCESS) {
      return refuse("messages.0.role: Field required");
    }
    read.tool_results += tool_results_in(message);
  }
  return {};
}

Result<void> read_output_limit(const object& request, MessageKind kind, MessageRequest& read) {
  const simdjson::error_code found = request["max_tokens"].get(read.output_tokens_max);
  if (kind != MessageKind::message) return {};
  if (found == simdjson::NO_SUCH_FIELD) return refuse("max_tokens: Field required");
  if (found != simdjson::SUCCESS) return refuse("max_tokens: Input should be a valid integer");
  if (read.output_tokens_max < 0) {
    return refuse("max_tokens: Input should be greater than or equal to 1");
  }
  return {};
}

void read_options(const object& request, MessageRequest& read) {
  read.is_stream = is_true(request["stream"]);
  read.includes_usage = is_true(request["stream_options"]["include_usage"]);
  std::string_view thinking;
  if (request["thinking"]["type"].get(thinking) == simdjson::SUCCESS) {
    read.thinks = thinking != "disabled";
  }
  array tools;
  if (request["tools"].get(tools) != simdjson::SUCCESS) return;
  for (const element tool : tools) {
    element name;
    if (tool["name"].get(name) == simdjson::SUCCESS) read.tools.push_back(text_of(name));
  }
}

std::string required_value(const object& properties, std::string_view name, std::string_view text) {
  std::string_view type;
  if (properties[name]["type"].get(type) != simdjson::SUCCESS) return json_string(text);
  if (type == "integer" || type == "number") return "1";
  if (type == "boolean") return "true";
  if (type == "array") return "[]";
  if (type == "object") return "{}";
  return json_string(text);
}

std::string input_by_schema(const element& schema, std::string_view text) {
  array required;
  object properties;
  if (schema["required"].get(required) != simdjson::SUCCESS ||
      schema["properties"].get(properties) != simdjson::SUCCESS) {
    return "{}";
  }
  std::string members;
  for (const element entry : required) {
    const std::string name = text_of(entry);
    if (!members.empty()) members += ',';
    members += json_string(name) + ":" + required_value(properties, name, text);
  }
  return "{" + members + "}";
}

}  // namespace

Result<MessageRequest> parse_message_request(std::string_view body, MessageKind kind) {
  element document;
  object request;
  if (json_parser().parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) {
    return refuse("The request body is not valid JSON");
  }
  if (document.get(request) != simdjson::SUCCESS) {
    return refuse("Input should be a valid dictionary");
  }
  MessageRequest read;
  std::string_view model;
  if (request["model"].get(model) != simdjson::SUCCESS) return refuse("model: Field required");
  read.model = model;
  const Result<void> limited = read_output_limit(request, kind, read);
  if (!limited) return std::unexpected(limited.error());
  const Result<void> messages = read_messages(request, read);
  if (!messages) return std::unexpected(messages.error());
  read_options(request, read);
  return read;
}

std::string tool_input(std::string_view body, std::string_view name, std::string_view text) {
  element document;
  array tools;
  if (json_parser().parse(body.data(), body.size()).get(document) != simdjson::SUCCESS ||
      document["tools"].get(tools) != simdjson::SUCCESS) {
    return "{}";
  }
  for (const element tool : tools) {
    element tool_name, schema;
    if (tool["name"].get(tool_name) != simdjson::SUCCESS || text_of(tool_name) != name) continue;
    if (tool["input_schema"].get(schema) == simdjson::SUCCESS) return input_by_schema(schema, text);
  }
  return "{}";
}

}  // namespace relay::sim
