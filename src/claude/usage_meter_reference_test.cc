// The meter against a slow reader that has the whole stream and a JSON library, over random
// streams: in any order, with counts that are missing or absurd, in any kind of line, cut anywhere.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/limits.h"
#include "claude/usage_meter.h"

namespace relay::claude {
namespace {

using core::TokenCount;
using core::Usage;
using nlohmann::json;

TokenCount count_bytes(std::string_view text) {
  return static_cast<TokenCount>(text.size());
}

class RandomStream {
 public:
  explicit RandomStream(unsigned seed) : random_{seed} {}

  std::string stream() {
    static constexpr const char* ends[] = {"\n", "\r\n", "\r"};
    end_ = ends[below(3)];
    std::string bytes = below(4) == 0 ? "\xEF\xBB\xBF" : "";
    for (std::size_t n = below(12); n > 0; --n) bytes += event();
    return bytes;
  }

  std::vector<std::string> pieces(const std::string& bytes) {
    std::vector<std::string> result;
    for (std::size_t at = 0; at < bytes.size(); at += result.back().size()) {
      result.push_back(bytes.substr(at, 1 + below(40)));
    }
    return result;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string event() {
    switch (below(8)) {
      case 0: return written("message_start", {{"message", {{"usage", usage()}}}});
      case 1: return written("message_delta", {{"usage", usage()}});
      case 2: return written("message_delta", {{"delta", {{"usage_of", usage()}}}});
      case 3: return written("ping", json::object());
      case 4: return written("message_stop", json::object());
      case 5: return written("content_block_stop", {{"usage", usage()}});
      default: return written("content_block_delta", delta());
    }
  }

  json delta() {
    static constexpr const char* texts[] = {"Hello", "say \"usage\":{}", "\u65e5\u672c\n", ""};
    return {{"index", below(3)}, {"delta", {{"type", "text_delta"}, {"text", texts[below(4)]}}}};
  }

  json usage() {
    json usage = json::object();
    for (const auto* name : {"input_tokens", "output_tokens", "cache_creation_input_tokens",
                             "cache_read_input_tokens"}) {
      if (below(2) == 0) usage[name] = count();
    }
    if (below(3) == 0) usage["cache_creation"] = {{"ephemeral_5m_input_tokens", count()}};
    if (below(3) == 0) usage["cache_creation"]["ephemeral_1h_input_tokens"] = count();
    if (below(3) == 0) usage["server_tool_use"] = {{"web_search_requests", count()}};
    if (below(3) == 0) usage["iterations"] = {iteration(), iteration()};
    return usage;
  }

  json iteration() {
    static constexpr const char* types[] = {"compaction", "message", "advisor_message"};
    return {{"type", types[below(3)]},
            {"model", below(2) == 0 ? "dear" : "other"},
            {"input_tokens", count()},
            {"output_tokens", count()}};
  }

  json count() {
    switch (below(12)) {
      case 0: return -5;
      case 1: return 1.5;
      case 2: return "7";
      case 3: return nullptr;
      case 4: return std::uint64_t{18'446'744'073'709'551'615U};
      default: return below(100'000);
    }
  }

  std::string written(const std::string& name, json data) {
    data["type"] = name;
    std::string lines;
    if (below(4) != 0) lines += "event: " + name + end_;
    if (below(6) == 0) lines += ": a comment" + end_;
    return lines + "data:" + (below(2) == 0 ? " " : "") + data.dump() + end_ + end_;
  }

  std::mt19937 random_;
  std::string end_;
};

// What the reference finds: as simple as it can be said.
struct Reference {
  Usage usage;
  TokenCount cache_write = 0;
  Usage compactions;
  std::map<std::string, Usage> advisors;
  bool is_bad = false;
  bool has_input = false;
  bool is_counted = false;
  bool is_stopped = false;
  bool has_text_since = false;
  std::size_t text_bytes = 0;
  std::string text;

  std::optional<TokenCount> count(const json& object, const char* name,
                                  std::uint64_t most = 1'000'000'000) {
    if (!object.contains(name) || object[name].is_null()) return std::nullopt;
    const json& value = object[name];
    const bool is_sane = value.is_number_integer() &&
                         !(value.is_number_unsigned() && value.get<std::uint64_t>() > most) &&
                         value.get<TokenCount>() >= 0;
    if (!is_sane) is_bad = true;
    return is_sane ? std::optional{value.get<TokenCount>()} : std::nullopt;
  }

  void raise(TokenCount& into, const json& object, const char* name) {
    into = std::max(into, count(object, name).value_or(0));
  }

  void report(const json& reported) {
    has_input = count(reported, "input_tokens").has_value() || has_input;
    raise(usage.input, reported, "input_tokens");
    raise(usage.output, reported, "output_tokens");
    raise(usage.cache_read, reported, "cache_read_input_tokens");
    raise(cache_write, reported, "cache_creation_input_tokens");
    const json split = reported.value("cache_creation", json::object());
    raise(usage.cache_write_5m, split, "ephemeral_5m_input_tokens");
    raise(usage.cache_write_1h, split, "ephemeral_1h_input_tokens");
    const json tools = reported.value("server_tool_use", json::object());
    const auto searches = count(tools, "web_search_requests", 10'000).value_or(0);
    usage.web_searches = std::max(usage.web_searches, static_cast<std::int32_t>(searches));
    Usage sum;
    std::map<std::string, Usage> advice;
    for (const json& iteration : reported.value("iterations", json::array())) {
      const TokenCount input = count(iteration, "input_tokens").value_or(0);
      const TokenCount output = count(iteration, "output_tokens").value_or(0);
      if (iteration["type"] == "message") continue;
      Usage& to = iteration["type"] == "compaction" ? sum : advice[iteration["model"]];
      to.input += input;
      to.output += output;
    }
    for (const auto& [model, used] : advice) {
      advisors[model].input = std::max(advisors[model].input, used.input);
      advisors[model].output = std::max(advisors[model].output, used.output);
    }
    compactions.input = std::max(compactions.input, sum.input);
    compactions.output = std::max(compactions.output, sum.output);
  }

  void observe(const json& data) {
    const std::string type = data["type"];
    if (type == "content_block_delta") {
      const std::string dumped = data["delta"]["text"].dump();
      text += dumped.substr(1, dumped.size() - 2);
      has_text_since = true;
    }
    if (type == "message_stop") is_stopped = true;
    if (type == "message_start") report(data["message"]["usage"]);
    if (type == "message_delta" && data.contains("usage")) {
      report(data["usage"]);
      if (!count(data["usage"], "output_tokens")) return;
      is_counted = true;
      has_text_since = false;
    }
  }

  Usage result() {
    Usage total = usage;
    total.cache_write_5m = std::max(usage.cache_write_5m, cache_write - usage.cache_write_1h);
    total.input += compactions.input;
    total.output += compactions.output;
    const bool is_final = is_counted && (is_stopped || !has_text_since);
    const TokenCount cached = total.cache_write() + total.cache_read;
    if (!has_input) total.input = std::max<TokenCount>(total.input, 50 - cached);
    if (!is_final) total.output = std::max(total.output, plain_text_bytes());
    total.is_estimated = !is_final || !has_input || is_bad;
    return total;
  }

  TokenCount plain_text_bytes() const {
    TextEstimate estimate;
    estimate.add(text);
    return estimate.tokens(count_bytes);
  }
};

Reference reference_of(const std::string& stream) {
  Reference reference;
  for (std::size_t at = stream.find("data:"); at != std::string::npos;
       at = stream.find("data:", at + 1)) {
    const bool is_line = at == 0 || stream[at - 1] == '\n' || stream[at - 1] == '\r' || at == 3;
    if (!is_line) continue;
    reference.observe(
        json::parse(stream.substr(at + 5, stream.find_first_of("\r\n", at) - at - 5)));
  }
  return reference;
}

TEST(UsageMeter, AgreesWithASlowReaderOverRandomStreams) {
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    RandomStream random{seed};
    const std::string stream = random.stream();
    UsageMeter meter{AnswerKind::messages_events};
    for (const std::string& piece : random.pieces(stream)) meter.observe(piece);
    Reference reference = reference_of(stream);
    std::map<std::string, Usage> advisors;
    for (const auto& [model, usage] : meter.advisors()) advisors[std::string{model.view()}] = usage;
    ASSERT_EQ(advisors, reference.advisors) << "seed " << seed << "\n" << stream;
    ASSERT_EQ(meter.final_usage(50, count_bytes), reference.result()) << "seed " << seed << "\n"
                                                                      << stream;
  }
}

}  // namespace
}  // namespace relay::claude
