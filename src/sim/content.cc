#include "sim/content.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "sim/json_text.h"

namespace relay::sim {
namespace {

// Words as they stand in JSON: some with escapes, some in raw UTF-8 of two, three and four bytes.
constexpr std::array<std::string_view, 8> english = {
    "The station ",        "relays each ",  "word as it ",       "comes,\\n",
    "with \\\"care\\\", ", "a tab\\there ", "and a slash \\\\ ", "there. "};
constexpr std::array<std::string_view, 6> chinese = {"中继站",     "逐字转发，", "一个字节",
                                                     "也不改变。", "你好，",     "世界！\\n"};
constexpr std::array<std::string_view, 5> emoji = {"🚀", "👩‍💻", "🇨🇳", "\\ud83d\\ude00",
                                                   "❤️ "};
constexpr std::array<std::string_view, 10> mixed = {"The station ",
                                                    "中继站",
                                                    "relays ",
                                                    "🚀 ",
                                                    "caf\\u00e9 ",
                                                    "naïve ",
                                                    "逐字转发，",
                                                    "\\ud83d\\ude00",
                                                    "a \\\"quote\\\"\\n",
                                                    "data: not an event\\n\\n"};

std::span<const std::string_view> words_of(std::string_view name) noexcept {
  if (name == "en") return english;
  if (name == "zh") return chinese;
  if (name == "emoji") return emoji;
  return mixed;
}

std::size_t count(std::int64_t number) noexcept {
  return static_cast<std::size_t>(std::max<std::int64_t>(number, 0));
}

// The insides of a JSON string.
std::string escaped(std::string_view text) {
  std::string whole = json_string(text);
  return whole.substr(1, whole.size() - 2);
}

std::vector<std::string> text_deltas(const Script& script) {
  std::vector<std::string> deltas;
  const std::size_t number = std::max<std::size_t>(count(script.deltas), 1);
  deltas.reserve(number + 1);
  if (!script.nonce.empty()) deltas.push_back(escaped("[nonce " + script.nonce + "] "));
  if (script.text_bytes > 0) {
    const std::size_t bytes = count(script.text_bytes);
    for (std::size_t i = 0; i < number; ++i) {
      deltas.emplace_back(bytes * (i + 1) / number - bytes * i / number, 'a');
    }
    return deltas;
  }
  const std::span<const std::string_view> words = words_of(script.text);
  for (std::size_t i = 0; i < number; ++i) deltas.emplace_back(words[i % words.size()]);
  if (script.huge_line > 0) deltas.emplace_back(count(script.huge_line), 'x');
  return deltas;
}

Block thinking_block(std::size_t deltas) {
  Block block;
  block.kind = Block::Kind::thinking;
  for (std::size_t i = 0; i < deltas; ++i) {
    block.deltas.emplace_back(i % 2 == 0 ? "Let me think. " : "让我想想。");
  }
  return block;
}

// Cut where a JSON parser would least like it.
std::vector<std::string> in_fragments(std::string_view json) {
  static constexpr std::size_t fragment_bytes = 7;
  std::vector<std::string> fragments{""};  // The real one begins with an empty fragment too.
  while (!json.empty()) {
    std::size_t bytes = std::min(fragment_bytes, json.size());
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
    while (bytes < json.size() && continues(json[bytes])) ++bytes;
    fragments.push_back(escaped(json.substr(0, bytes)));
    json.remove_prefix(bytes);
  }
  return fragments;
}

std::string tool_name(const Script& script, const MessageRequest& request) {
  const bool is_named = !script.tool.empty() && script.tool != "1";
  if (is_named) return script.tool;
  return request.tools.empty() ? std::string{"simulated_tool"} : request.tools.front();
}

Block tool_block(const Script& script, const MessageRequest& request, std::string_view body) {
  Block block;
  block.kind = Block::Kind::tool_use;
  block.tool_name = tool_name(script, request);
  block.tool_id = "toolu_01SIM" + std::to_string(request.tool_results + 1);
  block.tool_input = tool_input(body, block.tool_name, script.tool_arg);
  block.deltas = in_fragments(block.tool_input);
  return block;
}

}  // namespace

std::string Block::text() const {
  std::string whole;
  for (const std::string& delta : deltas) whole += delta;
  return whole;
}

bool is_tool_turn(const Script& script, const MessageRequest& request) noexcept {
  return !script.tool.empty() && request.tool_results < script.tool_turns;
}

std::vector<Block> compose(const Script& script, const MessageRequest& request,
                           std::string_view body) {
  std::vector<Block> blocks;
  const std::size_t by_default = request.thinks ? 3 : 0;
  const std::size_t thinking =
      script.thinking_deltas < 0 ? by_default : count(script.thinking_deltas);
  if (thinking > 0) blocks.push_back(thinking_block(thinking));
  Block& text = blocks.emplace_back();
  text.deltas = text_deltas(script);
  if (is_tool_turn(script, request)) blocks.push_back(tool_block(script, request, body));
  return blocks;
}

}  // namespace relay::sim
