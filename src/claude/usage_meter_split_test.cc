// Events whose data is in several lines, as no API writes them today.
#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>

#include "base/limits.h"
#include "claude/usage_meter.h"

namespace relay::claude {
namespace {

using core::TokenCount;
using core::Usage;

TokenCount count_nothing(std::string_view) {
  return 0;
}

std::unique_ptr<UsageMeter> events(std::initializer_list<std::string_view> pieces) {
  auto meter = std::make_unique<UsageMeter>(AnswerKind::messages_events);
  for (const std::string_view piece : pieces) meter->observe(piece);
  return meter;
}

Usage usage_of(const UsageMeter& meter) {
  return meter.final_usage(50, count_nothing);
}

std::string event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}

const std::string start = event(
    "message_start",
    R"({"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"input_tokens":25,)"
    R"("cache_creation":{"ephemeral_5m_input_tokens":10},"output_tokens":1}}})");
const std::string text = event(
    "content_block_delta",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}})");
const std::string finish =
    event("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
                           R"("usage":{"output_tokens":15}})");
const std::string stop = event("message_stop", R"({"type":"message_stop"})");
const std::string stream = start + text + finish + stop;
constexpr Usage stream_usage{.input = 25, .output = 15, .cache_write_5m = 10};

// The lines of an event's data are one text, with line ends between them.
TEST(UsageMeter, ReadsDataThatComesInSeveralLines) {
  for (const std::string_view between : {",", "{", "}"}) {
    std::string split;
    for (std::string_view rest{stream}; !rest.empty();) {
      const std::size_t end = rest.find('\n') + 1;
      std::string line{rest.substr(0, end)};
      rest.remove_prefix(end);
      const std::size_t at = line.starts_with("data") ? line.find(between) : line.npos;
      if (at != line.npos && at + 2 < line.size()) line.insert(at + 1, "\ndata:");
      split += line;
    }
    for (std::size_t cut = 0; cut <= split.size(); ++cut) {
      const std::string_view whole{split};
      const auto meter = events({whole.substr(0, cut), whole.substr(cut)});
      EXPECT_EQ(usage_of(*meter), stream_usage) << between << " " << cut;
      EXPECT_FALSE(meter->has_bad_usage());
    }
  }
}

TEST(UsageMeter, FlagsDataThatIsNoneInAnyNumberOfLines) {
  const std::string half = R"({"type":"message_delta","usage":{"output_tokens":15})";
  for (const std::string& data : {half, half + "\ndata: ]"}) {
    const auto meter = events({start, event("message_delta", data), stop});
    EXPECT_TRUE(meter->has_bad_usage()) << data;
  }
  const auto meter = events({start, event("message_delta", half.substr(0, 20)), finish, stop});
  EXPECT_EQ(usage_of(*meter).output, stream_usage.output);
}

TEST(UsageMeter, KeepsNoMoreOfAnEventThanOfALine) {
  const auto meter = events({start, "event: message_delta\ndata: {\n"});
  const std::string line = "data: " + std::string(limits::mib, ' ') + "\n";
  for (int n = 0; n < 20; ++n) meter->observe(line);
  EXPECT_TRUE(meter->has_unread_bytes());
  meter->observe("\n" + finish + stop);
  EXPECT_EQ(usage_of(*meter).output, stream_usage.output);
}

}  // namespace
}  // namespace relay::claude
