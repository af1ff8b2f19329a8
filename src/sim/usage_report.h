#pragma once

#include <cstdint>
#include <string>

#include "sim/script.h"

namespace relay::sim {

// Tokens as an answer has reported them: what a test compares a ledger with.
struct ReportedUsage {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cache_write_5m = 0;
  std::int64_t cache_write_1h = 0;
  std::int64_t cache_read = 0;
  std::int64_t web_searches = 0;
  std::int64_t compaction_input = 0;  // Beside the top-level counts, not within.
  std::int64_t compaction_output = 0;
  std::int64_t advisor_input = 0;  // Of another model, beside all of the above.
  std::int64_t advisor_output = 0;

  // Something that was no number between 0 and 10^9 stood in for a count.
  bool is_absurd = false;

  ReportedUsage& operator+=(const ReportedUsage& more) noexcept;
};

// The members of ReportedUsage as JSON.
[[nodiscard]] std::string to_json(const ReportedUsage& usage);

// What a request costs where the script does not say.
struct UsageDefaults {
  std::int64_t input = 1;
  std::int64_t output = 1;
};

// One usage object: its JSON, and what a careful reader has learned by it and those before.
struct UsageText {
  std::string json;  // `"usage":{...}`, or empty if there is none.
  ReportedUsage reported;
};

// Of a whole message.
[[nodiscard]] UsageText message_usage(const Script& script, const UsageDefaults& defaults);

// Of message_start.
[[nodiscard]] UsageText start_usage(const Script& script, const UsageDefaults& defaults);

// Of the message_delta `nth` of `count`; the last one has the whole output.
[[nodiscard]] UsageText delta_usage(const Script& script, const UsageDefaults& defaults,
                                    std::int64_t nth, std::int64_t count);

// Of a chat completion.
[[nodiscard]] UsageText chat_usage(const Script& script, const UsageDefaults& defaults);

}  // namespace relay::sim
