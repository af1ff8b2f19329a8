#include "sim/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <variant>

#include "sim/bad_framing.h"

namespace relay::sim {
namespace {

using std::chrono::milliseconds;
using Offset = std::optional<std::int64_t>;
using Place = std::variant<bool Script::*, std::int64_t Script::*, Offset Script::*,
                           milliseconds Script::*, std::string Script::*>;

struct Setting {
  std::string_view name;
  Place place;
  std::string_view meaning;
  std::string_view choices = {};  // Words with a blank between them; empty: anything.
};

constexpr std::string_view figure = "number|missing|null|string|negative|huge|float|exp|object";

const std::array settings = {
    // Which.
    Setting{"nonce", &Script::nonce, "comes back in every answer: x-sim-nonce, and in its text"},
    Setting{"id", &Script::id, "names a series of attempts; the nonce, if there is none"},
    Setting{"fail_times", &Script::fail_times,
            "only the first N attempts of one id meet the faults (by default status 529)"},

    // What is said.
    Setting{"model", &Script::model, "the model that answers, if not the one asked for"},
    Setting{"text", &Script::text, "which text", "mix en zh emoji"},
    Setting{"text_bytes", &Script::text_bytes, "a text of N bytes, in equal deltas"},
    Setting{"deltas", &Script::deltas, "text deltas of a stream"},
    Setting{"thinking_deltas", &Script::thinking_deltas, "thinking deltas, even if not enabled"},
    Setting{"tool", &Script::tool, "ask for a tool: its name, or 1 for the first of the request"},
    Setting{"tool_arg", &Script::tool_arg, "what is put into required text parameters of the tool"},
    Setting{"tool_turns", &Script::tool_turns, "tool results after which the final text comes"},
    Setting{"stop", &Script::stop, "stop_reason"},
    Setting{"pings", &Script::pings, "pings before the first delta"},
    Setting{"ping_every", &Script::ping_every, "a ping after every N deltas"},
    Setting{"message_deltas", &Script::message_deltas, "message_delta events, counts growing"},
    Setting{"sse", &Script::sse, "an odd event stream",
            "cr crlf bom no_final_blank comments no_space two_data_lines data_only "
            "delta_before_start two_starts unknown_events no_stop lookalikes"},
    Setting{"huge_line", &Script::huge_line, "a text delta with a line of N bytes"},
    Setting{"batch_polls", &Script::batch_polls, "looks at a batch until it has ended"},
    Setting{"usage", &Script::usage,
            "output: message_delta has only that; missing: no usage at all; twice: duplicates",
            "full output missing twice"},
    Setting{"input", &Script::input, figure},
    Setting{"output", &Script::output, figure},
    Setting{"start_output", &Script::start_output, figure},
    Setting{"cache_read", &Script::cache_read, figure},
    Setting{"cache_5m", &Script::cache_5m, figure},
    Setting{"cache_1h", &Script::cache_1h, figure},
    Setting{"thinking_tokens", &Script::thinking_tokens, figure},
    Setting{"web_search", &Script::web_search, figure},
    Setting{"tier", &Script::tier, "service_tier", "standard priority batch missing"},
    Setting{"geo", &Script::geo, "inference_geo", "global us not_available"},
    Setting{"speed", &Script::speed, "whether fast mode served", "standard fast"},
    Setting{"delta_input", &Script::delta_input, figure},
    Setting{"delta_cache_read", &Script::delta_cache_read, figure},
    Setting{"delta_cache_creation", &Script::delta_cache_creation, figure},
    Setting{"compaction_input", &Script::compaction_input, figure},
    Setting{"compaction_output", &Script::compaction_output, figure},
    Setting{"advisor_model", &Script::advisor_model, "who was asked for advice; empty: not named"},
    Setting{"advisor_input", &Script::advisor_input, figure},
    Setting{"advisor_output", &Script::advisor_output, figure},

    // How it travels. Times are in milliseconds, or `forever`.
    Setting{"head_delay", &Script::head_delay, "before the head"},
    Setting{"first_delay", &Script::first_delay, "between the head and the body"},
    Setting{"delay", &Script::delay, "between events"},
    Setting{"gap", &Script::gap, "between the fragments of one event"},
    Setting{"fragment", &Script::fragment, "bytes of a write: N|whole|random"},
    Setting{"field", &Script::field, "more fields of the answer: name:value|name:value"},
    Setting{"seed", &Script::seed, "of fragment=random"},
    Setting{"coalesce", &Script::coalesce, "events of a write"},
    Setting{"head_apart", &Script::head_apart, "the head in a write of its own"},
    Setting{"compact", &Script::compact, "no blank padding in data lines"},
    Setting{"encoding", &Script::encoding, "content-encoding; offered: what the request accepts",
            "gzip deflate raw_deflate br zstd offered"},
    Setting{"framing", &Script::framing, "how the body ends", "chunked length close"},
    Setting{"http", &Script::http, "version of the answer", "1.0 1.1"},
    Setting{"chunk", &Script::chunk, "bytes of a chunk at most"},
    Setting{"chunk_ext", &Script::chunk_ext, "extension of every chunk: name or name=value"},
    Setting{"trailers", &Script::trailers, "trailer fields"},
    Setting{"interim", &Script::interim, "interim answers before the head"},
    Setting{"interim_status", &Script::interim_status, "their status"},
    Setting{"close", &Script::close, "say connection: close, and close"},
    Setting{"early", &Script::early, "answer before the body of the request is read"},
    Setting{"read_delay", &Script::read_delay,
            "before every read of the request's body (field or query)"},
    Setting{"idle_close", &Script::idle_close, "close the idle connection after so long"},

    // What goes wrong.
    Setting{"status", &Script::status, "answer with this status"},
    Setting{"error", &Script::error, "type of the error"},
    Setting{"message", &Script::message, "its message"},
    Setting{"retry_after", &Script::retry_after, "the field"},
    Setting{"retry_after_ms", &Script::retry_after_ms, "the field"},
    Setting{"should_retry", &Script::should_retry, "x-should-retry", "true false"},
    Setting{"location", &Script::location, "the field"},
    Setting{"body", &Script::body, "of an answer with `status`", "error html text empty bad_json"},
    Setting{"leak", &Script::leak, "the error names the credential, in its message and a field"},
    Setting{"error_event", &Script::error_event, "an error event after N events ends the stream"},
    Setting{"cut_at", &Script::cut_at, "end the connection after N bytes of the answer"},
    Setting{"cut_body", &Script::cut_body, "... after N bytes of its body, framing included"},
    Setting{"cut_events", &Script::cut_events, "... after N events"},
    Setting{"cut", &Script::cut, "how", "fin rst"},
    Setting{"stall_at", &Script::stall_at, "fall silent after N bytes of the answer"},
    Setting{"stall_body", &Script::stall_body, "... after N bytes of its body"},
    Setting{"stall_events", &Script::stall_events, "... after N events"},
    Setting{"stall", &Script::stall, "for how long"},
    Setting{"bad", &Script::bad, "break HTTP: a name of GET /__sim/catalogue"},
    Setting{"encoding_bad", &Script::encoding_bad, "damage the coded body", "cut corrupt"},
    Setting{"unsolicited", &Script::unsolicited, "send this on the idle connection afterwards",
            "answer garbage"},
    Setting{"unsolicited_after", &Script::unsolicited_after, "how long afterwards"},
};

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

// None may come to stand in a field of an answer.
constexpr bool is_control(char c) noexcept {
  return c >= 0 && c < ' ' && c != '\t';
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_one_of(std::string_view word, std::string_view choices) noexcept {
  const std::string_view blank = " ";
  for (std::size_t at = 0; at < choices.size();) {
    const std::size_t end = std::min(choices.find(blank, at), choices.size());
    if (choices.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

std::optional<std::int64_t> whole_number(std::string_view text) noexcept {
  std::int64_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped, failed] = std::from_chars(begin, end, number);
  if (failed != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

// Puts `value` where the setting says. False: it makes no sense there.
struct Put {
  Script& script;
  std::string_view value;

  bool operator()(std::string Script::*place) const {
    script.*place = value;
    return true;
  }
  bool operator()(bool Script::*place) const {
    script.*place = value == "1";
    return value == "0" || value == "1";
  }
  bool operator()(std::int64_t Script::*place) const {
    const std::optional<std::int64_t> number = whole_number(value);
    if (number) script.*place = *number;
    return number && *number >= 0;
  }
  bool operator()(Offset Script::*place) const {
    script.*place = whole_number(value);
    return script.*place && *(script.*place) >= 0;
  }
  bool operator()(milliseconds Script::*place) const {
    const std::optional<std::int64_t> number =
        value == "forever" ? Faults::forever.count() : whole_number(value);
    if (number) script.*place = std::min(milliseconds{*number}, Faults::forever);
    return number && *number >= 0;
  }
};

bool apply(Script& script, std::string_view name, std::string_view value) {
  for (const Setting& setting : settings) {
    if (setting.name != name) continue;
    if (!setting.choices.empty() && !is_one_of(value, setting.choices)) return false;
    return std::visit(Put{script, value}, setting.place);
  }
  return false;
}

std::unexpected<Error> refuse(std::string_view setting) {
  return std::unexpected(Error{.code = ErrorCode::invalid_request,
                               .origin = Origin::client,
                               .message = fmt::format("sim: cannot make sense of '{}'", setting)});
}

}  // namespace

Result<Script> parse_script(std::string_view text) {
  Script script;
  script.is_default = false;
  if (std::ranges::any_of(text, is_control)) return refuse("a control character");
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view setting = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (setting.empty()) continue;

    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) return refuse(setting);
    const std::string_view name = trimmed(setting.substr(0, equals));
    const std::string_view value = trimmed(setting.substr(equals + 1));
    if (!apply(script, name, value)) return refuse(setting);
  }
  if (!script.bad.empty() && find_bad_framing(script.bad) == nullptr) return refuse(script.bad);
  if (script.id.empty()) script.id = script.nonce;
  return script;
}

std::optional<std::string_view> find_marker(std::string_view text) {
  static constexpr std::string_view opening = "[[sim:";
  std::size_t opened = std::string_view::npos;  // Searched forwards, where find() is fast.
  for (std::size_t at = text.find(opening); at != std::string_view::npos;) {
    opened = at;
    at = text.find(opening, at + opening.size());
  }
  if (opened == std::string_view::npos) return std::nullopt;
  const std::size_t begin = opened + opening.size();
  const std::size_t end = text.find("]]", begin);
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(begin, end - begin);
}

std::string describe_script() {
  std::string lines;
  for (const Setting& setting : settings) {
    lines += fmt::format("{:<22}{}", setting.name, setting.meaning);
    if (!setting.choices.empty()) lines += fmt::format(" ({})", setting.choices);
    lines += '\n';
  }
  return lines;
}

}  // namespace relay::sim
