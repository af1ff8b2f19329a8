#include "sim/usage_report.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace relay::sim {
namespace {

constexpr std::int64_t count_max = 1'000'000'000;

// A count as it stands in JSON (empty: left out), and as what it is taken for.
struct Figure {
  std::string json;
  std::int64_t number = 0;
  bool is_absurd = false;
};

std::string_view as_json(std::string_view text) noexcept {
  static constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"missing", ""},
      {"null", "null"},
      {"string", R"("12")"},
      {"negative", "-5"},
      {"huge", "9223372036854775808"},
      {"float", "1.5"},
      {"exp", "1e30"},
      {"object", "{}"},
  };
  for (const auto& [word, json] : words) {
    if (word == text) return json;
  }
  return text;
}

Figure figure(std::string_view text, std::int64_t otherwise) {
  if (text.empty()) return {std::to_string(otherwise), otherwise, false};
  Figure result{.json = std::string{as_json(text)}};
  const std::string& json = result.json;
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(json.data(), json.data() + json.size(), number);
  const bool is_count = failed == std::errc{} && end == json.data() + json.size() && number >= 0 &&
                        number <= count_max;
  if (is_count) result.number = number;
  result.is_absurd = !is_count && !json.empty() && json != "null";
  return result;
}

class Object {
 public:
  void add(std::string_view name, const Figure& value) {
    is_absurd_ |= value.is_absurd;
    add_json(name, value.json);
  }
  void add_json(std::string_view name, std::string_view json) {
    if (json.empty()) return;
    members_ += fmt::format(R"({}"{}":{})", members_.empty() ? "" : ",", name, json);
  }

  [[nodiscard]] std::string json() const { return "{" + members_ + "}"; }
  [[nodiscard]] bool is_absurd() const noexcept { return is_absurd_; }

 private:
  std::string members_;
  bool is_absurd_ = false;
};

std::string as_member(const Script& script, const Object& usage) {
  if (script.usage == "missing") return {};
  const std::string member = R"("usage":)" + usage.json();
  return script.usage == "twice" ? member + "," + member : member;
}

// Cache writes in sum and in their split, and cache reads.
void add_cache(Object& usage, const Script& script, ReportedUsage& reported) {
  const Figure write_5m = figure(script.cache_5m, 0);
  const Figure write_1h = figure(script.cache_1h, 0);
  const Figure read = figure(script.cache_read, 0);
  const std::int64_t written = write_5m.number + write_1h.number;
  usage.add_json("cache_creation_input_tokens", std::to_string(written));
  usage.add("cache_read_input_tokens", read);
  Object split;
  split.add("ephemeral_5m_input_tokens", write_5m);
  split.add("ephemeral_1h_input_tokens", write_1h);
  usage.add_json("cache_creation", split.json());
  reported.cache_write_5m = write_5m.number;
  reported.cache_write_1h = write_1h.number;
  reported.cache_read = read.number;
  reported.is_absurd |= split.is_absurd();
}

void add_output_details(Object& usage, const Script& script, ReportedUsage& reported) {
  if (!script.thinking_tokens.empty()) {
    Object details;
    details.add("thinking_tokens", figure(script.thinking_tokens, 0));
    usage.add_json("output_tokens_details", details.json());
  }
  if (!script.web_search.empty()) {
    const Figure searches = figure(script.web_search, 0);
    Object tools;
    tools.add("web_search_requests", searches);
    usage.add_json("server_tool_use", tools.json());
    reported.web_searches = searches.number;
    reported.is_absurd |= tools.is_absurd();
  }
}

// One of `iterations`. Empty: nothing is said of it.
std::string iteration(std::string_view type, std::string_view model, const std::string& input,
                      const std::string& output) {
  if (input.empty() && output.empty()) return {};
  Object object;
  object.add_json("type", fmt::format(R"("{}")", type));
  if (!model.empty()) object.add_json("model", fmt::format(R"("{}")", model));
  object.add("input_tokens", figure(input, 0));
  object.add("output_tokens", figure(output, 0));
  return object.json() + ",";
}

void add_iterations(Object& usage, const Script& script, ReportedUsage& reported) {
  const std::string on_top =
      iteration("compaction", {}, script.compaction_input, script.compaction_output) +
      iteration("advisor_message", script.advisor_model, script.advisor_input,
                script.advisor_output);
  if (on_top.empty()) return;
  Object message;
  message.add_json("type", R"("message")");
  message.add_json("input_tokens", std::to_string(reported.input));
  message.add_json("output_tokens", std::to_string(reported.output));
  usage.add_json("iterations", "[" + on_top + message.json() + "]");
  reported.compaction_input = figure(script.compaction_input, 0).number;
  reported.compaction_output = figure(script.compaction_output, 0).number;
  reported.advisor_input = figure(script.advisor_input, 0).number;
  reported.advisor_output = figure(script.advisor_output, 0).number;
}

void add_service(Object& usage, const Script& script) {
  if (script.tier == "missing") return;
  const std::string_view tier = value_or(script.tier, "standard");
  usage.add_json("service_tier", fmt::format(R"("{}")", tier));
  usage.add_json("inference_geo", fmt::format(R"("{}")", value_or(script.geo, "not_available")));
  if (!script.speed.empty()) usage.add_json("speed", fmt::format(R"("{}")", script.speed));
}

UsageText whole_usage(const Script& script, const UsageDefaults& defaults, const Figure& output) {
  Object usage;
  ReportedUsage reported;
  const Figure input = figure(script.input, defaults.input);
  reported.input = input.number;
  reported.output = output.number;
  usage.add("input_tokens", input);
  add_cache(usage, script, reported);
  usage.add("output_tokens", output);
  add_output_details(usage, script, reported);
  add_iterations(usage, script, reported);
  add_service(usage, script);
  reported.is_absurd |= usage.is_absurd();
  if (script.usage == "missing") reported = {};
  return {as_member(script, usage), reported};
}

// A later count replaces an earlier one, unless it is none.
std::int64_t replaced(std::int64_t before, const Figure& now) noexcept {
  return now.json.empty() || now.json == "null" || now.is_absurd ? before : now.number;
}

Figure delta_figure(const std::string& own, const std::string& of_start, std::int64_t otherwise) {
  return figure(own.empty() ? of_start : own, otherwise);
}

}  // namespace

ReportedUsage& ReportedUsage::operator+=(const ReportedUsage& more) noexcept {
  input += more.input;
  output += more.output;
  cache_write_5m += more.cache_write_5m;
  cache_write_1h += more.cache_write_1h;
  cache_read += more.cache_read;
  web_searches += more.web_searches;
  compaction_input += more.compaction_input;
  compaction_output += more.compaction_output;
  advisor_input += more.advisor_input;
  advisor_output += more.advisor_output;
  is_absurd |= more.is_absurd;
  return *this;
}

std::string to_json(const ReportedUsage& usage) {
  return fmt::format(
      R"({{"input":{},"output":{},"cache_write_5m":{},"cache_write_1h":{},"cache_read":{},)"
      R"("web_searches":{},"compaction_input":{},"compaction_output":{},"advisor_input":{},)"
      R"("advisor_output":{},"is_absurd":{}}})",
      usage.input, usage.output, usage.cache_write_5m, usage.cache_write_1h, usage.cache_read,
      usage.web_searches, usage.compaction_input, usage.compaction_output, usage.advisor_input,
      usage.advisor_output, usage.is_absurd);
}

UsageText message_usage(const Script& script, const UsageDefaults& defaults) {
  return whole_usage(script, defaults, figure(script.output, defaults.output));
}

UsageText start_usage(const Script& script, const UsageDefaults& defaults) {
  return whole_usage(script, defaults, figure(script.start_output, 1));
}

UsageText delta_usage(const Script& script, const UsageDefaults& defaults, std::int64_t nth,
                      std::int64_t count) {
  ReportedUsage reported = start_usage(script, defaults).reported;
  const Figure whole = figure(script.output, defaults.output);
  const std::int64_t so_far = whole.number * nth / count;
  const Figure output = nth == count ? whole : figure({}, so_far);

  Object usage;
  if (script.usage != "output") {
    const Figure input = delta_figure(script.delta_input, script.input, defaults.input);
    const Figure read = delta_figure(script.delta_cache_read, script.cache_read, 0);
    const Figure written =
        figure(script.delta_cache_creation, reported.cache_write_5m + reported.cache_write_1h);
    usage.add("input_tokens", input);
    usage.add("cache_creation_input_tokens", written);
    usage.add("cache_read_input_tokens", read);
    reported.input = replaced(reported.input, input);
    reported.cache_read = replaced(reported.cache_read, read);
  }
  usage.add("output_tokens", output);
  reported.output = replaced(reported.output, output);
  add_output_details(usage, script, reported);
  add_iterations(usage, script, reported);
  reported.is_absurd |= usage.is_absurd();
  if (script.usage == "missing") reported = {};
  return {as_member(script, usage), reported};
}

UsageText chat_usage(const Script& script, const UsageDefaults& defaults) {
  const Figure prompt = figure(script.input, defaults.input);
  const Figure completion = figure(script.output, defaults.output);
  Object usage;
  usage.add("prompt_tokens", prompt);
  usage.add("completion_tokens", completion);
  usage.add_json("total_tokens", std::to_string(prompt.number + completion.number));
  ReportedUsage reported{.input = prompt.number, .output = completion.number};
  reported.is_absurd = usage.is_absurd();
  if (script.usage == "missing") reported = {};
  return {as_member(script, usage), reported};
}

}  // namespace relay::sim
