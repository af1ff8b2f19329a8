#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace relay::sim {

// What an answer says.
struct Wording {
  std::string nonce;
  std::string model;
  std::string text = "mix";
  std::int64_t text_bytes = 0;
  std::int64_t deltas = 10;
  std::int64_t thinking_deltas = -1;
  std::string tool;
  std::string tool_arg = "simulated";
  std::int64_t tool_turns = 1;
  std::string stop;
  std::int64_t pings = 1;
  std::int64_t ping_every = 0;
  std::int64_t message_deltas = 1;
  std::string sse;
  std::int64_t huge_line = 0;
  std::int64_t batch_polls = 1;

  // Figures of usage: a number, or a word for what is no number. Empty: the default.
  std::string usage = "full";
  std::string input, output, start_output, cache_read, cache_5m, cache_1h, thinking_tokens;
  std::string web_search, tier, geo, speed, delta_input, delta_cache_read, delta_cache_creation;
  std::string compaction_input, compaction_output;
  std::string advisor_model, advisor_input, advisor_output;
};

// How the bytes of an answer travel.
struct Delivery {
  std::chrono::milliseconds head_delay{}, first_delay{}, delay{}, gap{};
  std::string fragment = "whole";
  std::string field;
  std::int64_t seed = 1;
  std::int64_t coalesce = 1;
  bool head_apart = false;
  bool compact = false;
  std::string encoding;
  std::string framing;
  std::string http = "1.1";
  std::int64_t chunk = 0;
  std::string chunk_ext;
  std::int64_t trailers = 0;
  std::int64_t interim = 0;
  std::int64_t interim_status = 103;
  bool close = false;
  bool early = false;
  std::chrono::milliseconds read_delay{};
  std::chrono::milliseconds idle_close{-1};
};

// What goes wrong.
struct Faults {
  std::int64_t status = 0;
  std::string error, message, retry_after, retry_after_ms, should_retry, location;
  std::string body = "error";
  bool leak = false;
  std::optional<std::int64_t> error_event;
  std::optional<std::int64_t> cut_at, cut_body, cut_events;
  std::string cut = "fin";
  std::optional<std::int64_t> stall_at, stall_body, stall_events;
  std::chrono::milliseconds stall = forever;
  std::string bad;
  std::string encoding_bad;
  std::string unsolicited;
  std::chrono::milliseconds unsolicited_after{5};

  // As good as: a test is over long before.
  static constexpr std::chrono::milliseconds forever = std::chrono::hours{24};

  friend bool operator==(const Faults&, const Faults&) = default;
};

// What one request asks of the simulator. It is told by a marker anywhere in the body,
//
//   [[sim: deltas=40, delay=5, cut_events=12, cut=rst]]
//
// or, where there is no body, by a field `x-sim: deltas=40, ...` or a query `?sim=deltas%3D40`. The
// last marker counts, so a later turn of a conversation may say something else. settings() lists
// every key and what it means; the simulator shows the list at GET /__sim/script.
struct Script : Wording, Delivery, Faults {
  // The first `fail_times` attempts of one `id` (or nonce) meet the faults, later ones do not.
  std::string id;
  std::int64_t fail_times = -1;
  bool is_default = true;  // Nothing was asked for.

  void drop_faults() { static_cast<Faults&>(*this) = Faults{}; }
};

// What a setting says, or what holds where it says nothing.
[[nodiscard]] inline std::string_view value_or(const std::string& setting,
                                               std::string_view otherwise) noexcept {
  return setting.empty() ? otherwise : std::string_view{setting};
}

// invalid_request names the key that is unknown or the value that makes no sense.
[[nodiscard]] Result<Script> parse_script(std::string_view settings);

// What stands between "[[sim:" and "]]", where they occur last in `text`.
[[nodiscard]] std::optional<std::string_view> find_marker(std::string_view text);

// Every key with its values and its meaning, one line each.
[[nodiscard]] std::string describe_script();

}  // namespace relay::sim
