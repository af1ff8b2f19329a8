#include "claude/usage_meter.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/limits.h"
#include "claude/coded_fixture.h"

namespace relay::claude {
namespace {

using core::TokenCount;
using core::Usage;

constexpr TokenCount input_estimate = 777;

TokenCount count_words(std::string_view text) {
  return 1 + std::ranges::count(text, ' ');
}

std::unique_ptr<UsageMeter> metered(AnswerKind kind, std::initializer_list<std::string_view> pieces,
                                    std::string_view coding = {}) {
  auto meter = std::make_unique<UsageMeter>(kind, coding);
  for (const std::string_view piece : pieces) meter->observe(piece);
  return meter;
}

std::unique_ptr<UsageMeter> events(std::initializer_list<std::string_view> pieces) {
  return metered(AnswerKind::messages_events, pieces);
}

Usage usage_of(const UsageMeter& meter) {
  return meter.final_usage(input_estimate, count_words);
}

Usage usage_of(std::initializer_list<std::string_view> pieces) {
  return usage_of(*events(pieces));
}

std::string event(const std::string& name, const std::string& data) {
  return "event: " + name + "\ndata: " + data + "\n\n";
}

std::string text_event(const std::string& raw) {
  return event("content_block_delta",
               R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
                   raw + R"("}     })");
}

std::string start_event(const std::string& usage) {
  return event("message_start",
               R"({"type":"message_start","message":{"id":"msg_1","type":"message",)"
               R"("role":"assistant","model":"claude-opus-5-5","content":[],"stop_reason":null,)"
               R"("usage":)" +
                   usage + "}}");
}

std::string delta_event(const std::string& usage) {
  return event("message_delta", R"({"type":"message_delta","delta":{"stop_reason":"end_turn",)"
                                R"("stop_sequence":null},"usage":)" +
                                    usage + "}");
}

const std::string start = start_event(
    R"({"input_tokens":25,"cache_creation_input_tokens":30,"cache_read_input_tokens":40,)"
    R"("cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},)"
    R"("output_tokens":1,"service_tier":"standard","inference_geo":"us","speed":"fast"})");
const std::string text = text_event("Hello there you");
const std::string finish = delta_event(
    R"({"input_tokens":25,"cache_creation_input_tokens":30,"cache_read_input_tokens":40,)"
    R"("output_tokens":15,"server_tool_use":{"web_search_requests":2}})");
const std::string stop = event("message_stop", R"({"type":"message_stop"})");
const std::string ping = event("ping", R"({"type":"ping"})");
const std::string stream = start + ping + text + finish + stop;

constexpr Usage stream_usage{.input = 25,
                             .output = 15,
                             .cache_write_5m = 10,
                             .cache_write_1h = 20,
                             .cache_read = 40,
                             .web_searches = 2};

TEST(UsageMeter, CountsAStreamOfMessages) {
  const auto meter = events({stream});
  EXPECT_EQ(usage_of(*meter), stream_usage);
  EXPECT_EQ(meter->usage_so_far(input_estimate), stream_usage);
  EXPECT_TRUE(meter->is_final());
  EXPECT_TRUE(meter->saw_input());
  EXPECT_TRUE(meter->saw_message_stop());
  EXPECT_EQ(meter->served_model(), "claude-opus-5-5");
  EXPECT_EQ(meter->stop_reason(), "end_turn");
  EXPECT_EQ(
      meter->terms(),
      (ServiceTerms{.tier = ServiceTier::standard, .geo = InferenceGeo::us, .is_fast = true}));
  EXPECT_FALSE(meter->has_bad_usage());
}

// The network decides where pieces end, so no cut may change the count. The stream is short enough
// to try every one of them.
TEST(UsageMeter, CountsTheSameWhereverTheStreamIsCut) {
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const std::string_view whole{stream};
    const auto meter = events({whole.substr(0, cut), whole.substr(cut)});
    EXPECT_EQ(usage_of(*meter), stream_usage) << "cut at " << cut;
    EXPECT_TRUE(meter->is_final());
  }
}

TEST(UsageMeter, TakesTheLargestCountInsteadOfAddingThem) {
  EXPECT_EQ(usage_of({stream, stream}), stream_usage);
  EXPECT_EQ(usage_of({start, finish, delta_event(R"({"output_tokens":9})"), stop}), stream_usage);
}

TEST(UsageMeter, ReadsTheSameFromEveryKindOfLine) {
  for (const std::string end : {"\r\n", "\r"}) {
    std::string other;
    for (const char c : stream) other += c == '\n' ? end : std::string{c};
    for (std::size_t cut = 0; cut <= other.size(); ++cut) {
      const std::string_view whole{other};
      EXPECT_EQ(usage_of({whole.substr(0, cut), whole.substr(cut)}), stream_usage) << cut;
    }
  }
  EXPECT_EQ(usage_of({"\xEF\xBB\xBF", stream}), stream_usage);
}

TEST(UsageMeter, NeedsNoEventLines) {
  std::string data_only;
  std::string_view rest{stream};
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n') + 1;
    if (!rest.starts_with("event")) data_only += rest.substr(0, end);
    rest.remove_prefix(end);
  }
  EXPECT_EQ(usage_of({data_only}), stream_usage);
  EXPECT_EQ(usage_of({start, text_event("one two")}).output, 2);
}

TEST(UsageMeter, DoesNotCountWhatTheModelSays) {
  const std::string fake =
      R"(\n\nevent: message_delta\ndata: {\"usage\":{\"output_tokens\":1000}}\n\n)";
  EXPECT_EQ(usage_of({start, text_event(fake), finish, stop}), stream_usage);
  EXPECT_EQ(usage_of({start,
                      event("content_block_delta", R"({"delta":{"usage":{"output_tokens":1000}}})"),
                      finish, stop}),
            stream_usage);
}

TEST(UsageMeter, KeepsCachedTokensWithoutASplitForFiveMinutes) {
  const Usage usage = usage_of(
      {start_event(R"({"input_tokens":1,"cache_creation_input_tokens":9,"output_tokens":1})"),
       delta_event(R"({"output_tokens":2})")});
  EXPECT_EQ(usage, (Usage{.input = 1, .output = 2, .cache_write_5m = 9}));
}

// The delta has no split: what it adds is of the default kind.
TEST(UsageMeter, KeepsTheSplitOfTheStartAndPutsTheRestWithTheDefault) {
  const Usage usage =
      usage_of({start, delta_event(R"({"cache_creation_input_tokens":37,"output_tokens":2})")});
  EXPECT_EQ(usage.cache_write_1h, 20);
  EXPECT_EQ(usage.cache_write_5m, 17);
}

TEST(UsageMeter, ChargesCompactionsOnTop) {
  const std::string usage =
      R"({"input_tokens":25,"output_tokens":15,"iterations":[)"
      R"({"type":"message","input_tokens":25,"output_tokens":15},)"
      R"({"input_tokens":100,"output_tokens":7,"cache_creation_input_tokens":6,"type":"compaction",)"
      R"("cache_read_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":4}},)"
      R"({"type":"advisor_message","model":"x","input_tokens":9000}]})";
  const Usage expected{
      .input = 125, .output = 22, .cache_write_5m = 2, .cache_write_1h = 4, .cache_read = 5};
  EXPECT_EQ(usage_of({start_event(usage), delta_event(usage), delta_event(usage)}), expected);
}

// A question is counted once: what of it was cached is not estimated on top.
TEST(UsageMeter, EstimatesOfTheQuestionWhatIsNotReportedAsCached) {
  const Usage usage =
      usage_of({start_event(R"({"cache_read_input_tokens":700,"cache_creation_input_tokens":7})"),
                delta_event(R"({"output_tokens":15})")});
  EXPECT_EQ(usage.input, input_estimate - 707);
  EXPECT_TRUE(usage.is_estimated);
  EXPECT_EQ(usage_of({start_event(R"({"cache_read_input_tokens":9000})"), stop}).input, 0);
}

TEST(UsageMeter, TakesNullForNothing) {
  const Usage usage = usage_of(
      {start_event(R"({"input_tokens":3,"cache_creation_input_tokens":null,"cache_creation":null,)"
                   R"("cache_read_input_tokens":null,"server_tool_use":null,"output_tokens":1})"),
       delta_event(R"({"input_tokens":null,"output_tokens":2,"iterations":null})")});
  EXPECT_EQ(usage, (Usage{.input = 3, .output = 2}));
}

TEST(UsageMeter, ChargesTheEstimateWhereTheUpstreamReportsWhatCannotBe) {
  for (const std::string bad : {"-1", "1e9", "15.5", "\"15\"", "1000000001", "18446744073709551616",
                                "1e30", "true", "[15]", "{\"a\":15}"}) {
    const auto meter = events({start, text, delta_event("{\"output_tokens\":" + bad + "}"), stop});
    EXPECT_TRUE(meter->has_bad_usage()) << bad;
    EXPECT_FALSE(meter->is_final()) << bad;
    EXPECT_EQ(usage_of(*meter).output, 3) << bad;
    EXPECT_TRUE(usage_of(*meter).is_estimated) << bad;
    EXPECT_EQ(usage_of(*meter).input, 25) << bad;

    const auto other =
        events({start_event("{\"input_tokens\":" + bad + ",\"output_tokens\":1}"), finish});
    EXPECT_EQ(usage_of(*other).input, 25) << bad;
    EXPECT_TRUE(usage_of(*other).is_estimated) << bad;
  }
}

TEST(UsageMeter, TakesNoMoreWebSearchesForTrueThanAnAnswerCanHave) {
  const auto searched = [](const std::string& count) {
    return events({start, text,
                   delta_event(R"({"output_tokens":15,"server_tool_use":{"web_search_requests":)" +
                               count + "}}"),
                   stop});
  };
  EXPECT_EQ(usage_of(*searched("10000")).web_searches, 10'000);
  EXPECT_TRUE(searched("10001")->has_bad_usage());
  EXPECT_EQ(usage_of(*searched("1000000000")).web_searches, 0);
}

TEST(UsageMeter, ChargesTheEstimateWhereUsageIsMissing) {
  const auto meter = events({event("message_start", R"({"message":{"model":"m"}})"), text,
                             event("message_delta", R"({"delta":{}})"), stop});
  EXPECT_FALSE(meter->saw_input());
  EXPECT_TRUE(meter->saw_message_stop());
  EXPECT_EQ(usage_of(*meter), (Usage{.input = input_estimate, .output = 3, .is_estimated = true}));
}

TEST(UsageMeter, TakesTheOrderOfEventsAsItComes) {
  EXPECT_EQ(usage_of({finish, start, text, stop}), stream_usage);
  EXPECT_EQ(usage_of({start, start, text, finish, stop}), stream_usage);
  EXPECT_EQ(usage_of({finish}).output, 15);
}

// Without it, hanging up before the last event would be a way to read for free.
TEST(UsageMeter, EstimatesTheTextOfAStreamThatWasCut) {
  const auto meter = events({start, text, text_event("one more")});
  EXPECT_FALSE(meter->is_final());
  EXPECT_EQ(usage_of(*meter).output, 4);
  EXPECT_TRUE(usage_of(*meter).is_estimated);
  EXPECT_EQ(usage_of(*meter).input, 25);
  EXPECT_EQ(meter->usage_so_far(input_estimate).output, 6);  // 23 bytes.

  meter->observe(finish);
  EXPECT_EQ(usage_of(*meter), stream_usage);
}

TEST(UsageMeter, NeverChargesLessThanWasReported) {
  EXPECT_EQ(usage_of({start_event(R"({"input_tokens":1,"output_tokens":50})"), text}).output, 50);
  EXPECT_EQ(usage_of({start, finish, text_event("a b c d e f g h i j k l m n o p q r")}).output,
            18);
}

TEST(UsageMeter, ScalesTheSampleToTheWholeText) {
  auto meter = events({start});
  std::string words;
  for (int n = 0; n < 100; ++n) words += "four ";
  for (int n = 0; n < 100; ++n) meter->observe(text_event(words));
  EXPECT_NEAR(static_cast<double>(usage_of(*meter).output), 10'000, 100);
}

TEST(UsageMeter, CountsEveryKindOfDelta) {
  const auto delta = [](const std::string& inner) {
    return event("content_block_delta",
                 R"({"type":"content_block_delta","index":12,"delta":)" + inner + "}");
  };
  EXPECT_EQ(usage_of({start, delta(R"({"type":"thinking_delta","thinking":"a b c"})")}).output, 3);
  EXPECT_EQ(
      usage_of({start, delta(R"({"type":"input_json_delta","partial_json":"{\"a b"})")}).output, 2);
  EXPECT_EQ(usage_of({start, delta(R"({"type":"signature_delta","signature":"a b c"})")}).output,
            1);
  EXPECT_EQ(usage_of({start, delta(R"({"type":"new_delta","new":"a b c","type":"x"})")}).output, 3);
  EXPECT_EQ(usage_of({start, delta(R"({ "text": "a b\n c", "type":"text_delta" })")}).output, 3);
}

TEST(UsageMeter, ReportsTheErrorThatEndedTheStream) {
  const std::string error =
      event("error", R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})");
  EXPECT_EQ(events({start, error})->error_type(), "overloaded_error");
  EXPECT_EQ(usage_of({start, text, error}).output, 3);
  EXPECT_TRUE(usage_of({start, text, error}).is_estimated);
  EXPECT_EQ(events({event("error", "gone")})->error_type(), "error");
}

// The upstream refused: there is nothing to charge.
TEST(UsageMeter, ChargesNothingForAStreamThatIsOnlyAnError) {
  EXPECT_EQ(usage_of({ping, event("error", R"({"error":{"type":"overloaded_error"}})")}), Usage{});
}

TEST(UsageMeter, CountsALineThatIsTooLongAndReadsTheNext) {
  const auto meter = events({start});
  meter->observe("event: content_block_delta\ndata: ");
  const std::string part(limits::mib, 'x');
  for (int n = 0; n < 100; ++n) meter->observe(part);
  EXPECT_GE(meter->usage_so_far(0).output, 1);
  meter->observe("\n\n");
  EXPECT_TRUE(meter->has_unread_bytes());
  EXPECT_GE(meter->usage_so_far(0).output, 25 * static_cast<TokenCount>(limits::mib));
  meter->observe(finish + stop);
  EXPECT_EQ(usage_of(*meter), stream_usage);
}

// A model nests what it writes for a tool as it likes.
TEST(UsageMeter, ReadsWhatIsReportedBesideAnyDepth) {
  const std::string json = R"({"content":[{"type":"tool_use","input":{"a":)" +
                           std::string(200, '[') + std::string(200, ']') +
                           R"(}}],"usage":{"input_tokens":25,"output_tokens":15}})";
  for (std::size_t cut = 0; cut <= json.size(); ++cut) {
    const std::string_view whole{json};
    const auto meter =
        metered(AnswerKind::messages_json, {whole.substr(0, cut), whole.substr(cut)});
    EXPECT_EQ(usage_of(*meter), (Usage{.input = 25, .output = 15})) << cut;
  }
}

TEST(UsageMeter, KnowsWhereAnotherEventMayBePutIn) {
  auto meter = events({});
  EXPECT_TRUE(meter->at_event_boundary());
  std::size_t boundaries = 0;
  for (std::size_t at = 0; at < stream.size(); ++at) {
    meter->observe(std::string_view{stream}.substr(at, 1));
    const bool is_boundary = std::string_view{stream}.substr(0, at + 1).ends_with("\n\n");
    EXPECT_EQ(meter->at_event_boundary(), is_boundary) << at;
    boundaries += meter->at_event_boundary() ? 1U : 0U;
  }
  EXPECT_EQ(boundaries, 5U);
  EXPECT_FALSE(metered(AnswerKind::messages_json, {})->at_event_boundary());
  EXPECT_FALSE(metered(AnswerKind::messages_events, {}, "gzip")->at_event_boundary());
}

TEST(UsageMeter, CountsNothingWhereThereIsNothingToCount) {
  const auto meter = metered(AnswerKind::none, {stream});
  EXPECT_EQ(usage_of(*meter), Usage{});
  EXPECT_FALSE(meter->is_final());
}

const std::string message =
    R"({"id":"msg_1","type":"message","model":"claude-opus-5-5","content":[{"type":"tool_use",)"
    R"("input":{"usage":{"output_tokens":1000},"model":"x","s":"\"usage\":{\"output_tokens\":9}"}}],)"
    R"("stop_reason":"tool_use","usage":{"input_tokens":25,"output_tokens":15,)"
    R"("cache_creation_input_tokens":30,"cache_read_input_tokens":40,"server_tool_use":)"
    R"({"web_search_requests":2},"cache_creation":{"ephemeral_5m_input_tokens":10,)"
    R"("ephemeral_1h_input_tokens":20},"service_tier":"priority"}})";

TEST(UsageMeter, CountsAMessageWhereverItIsCut) {
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    const std::string_view whole{message};
    const auto meter =
        metered(AnswerKind::messages_json, {whole.substr(0, cut), whole.substr(cut)});
    EXPECT_EQ(usage_of(*meter), stream_usage) << cut;
    EXPECT_EQ(meter->served_model(), "claude-opus-5-5");
    EXPECT_EQ(meter->stop_reason(), "tool_use");
    EXPECT_EQ(meter->terms().tier, ServiceTier::priority);
  }
}

TEST(UsageMeter, PassesOverAByteOrderMark) {
  const std::string marked = "\xEF\xBB\xBF" + message;
  for (std::size_t cut = 0; cut <= marked.size(); ++cut) {
    const std::string_view whole{marked};
    const auto meter =
        metered(AnswerKind::messages_json, {whole.substr(0, cut), whole.substr(cut)});
    EXPECT_EQ(usage_of(*meter), stream_usage) << cut;
    EXPECT_FALSE(meter->has_bad_usage());
  }
}

TEST(UsageMeter, EstimatesAMessageThatWasCut) {
  const auto meter = metered(AnswerKind::messages_json,
                             {R"({"content":[{"type":"text","text":"one two three four)"});
  EXPECT_FALSE(meter->is_final());
  EXPECT_EQ(usage_of(*meter), (Usage{.input = input_estimate, .output = 4, .is_estimated = true}));
}

TEST(UsageMeter, CountsTheBytesOfWhatIsNotJson) {
  const auto meter = metered(AnswerKind::messages_json, {"<html>", "some text", " and more"});
  EXPECT_TRUE(meter->has_bad_usage());
  EXPECT_EQ(usage_of(*meter).output, 6);  // 24 bytes.
  EXPECT_TRUE(usage_of(*meter).is_estimated);
}

TEST(UsageMeter, DoesNotKeepALargeMessage) {
  const auto meter = metered(AnswerKind::messages_json, {R"({"content":[{"text":")"});
  const std::string part(limits::mib, 'x');
  for (int n = 0; n < 20; ++n) meter->observe(part);
  meter->observe(R"("}],"usage":{"output_tokens":15,"input_tokens":25}})");
  EXPECT_EQ(usage_of(*meter), (Usage{.input = 25, .output = 15}));
}

TEST(UsageMeter, FlagsUsageThatIsTooLargeToKeep) {
  const std::string padding(limits::usage_json_bytes_max, ' ');
  const auto meter =
      metered(AnswerKind::messages_json, {R"({"usage":{"output_tokens":15)" + padding + "}}"});
  EXPECT_TRUE(meter->has_bad_usage());
  EXPECT_FALSE(meter->is_final());
}

const std::string chat_stream =
    R"(data: {"id":"x","object":"chat.completion.chunk","model":"claude-opus-5-5","choices":)"
    R"([{"index":0,"delta":{"role":"assistant","content":"Hello there"},"finish_reason":null}]})"
    "\n\n"
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a b","function":)"
    R"({"arguments":" you"}}]},"finish_reason":"stop"}],"usage":null})"
    "\n\n";
const std::string chat_usage =
    R"(data: {"choices":[],"usage":{"prompt_tokens":25,"completion_tokens":15,"total_tokens":40}})"
    "\n\n";
const std::string chat_done = "data: [DONE]\n\n";

TEST(UsageMeter, CountsAStreamOfChatCompletions) {
  const auto meter = metered(AnswerKind::chat_events, {chat_stream, chat_usage, chat_done});
  EXPECT_EQ(usage_of(*meter), (Usage{.input = 25, .output = 15}));
  EXPECT_TRUE(meter->saw_message_stop());
  EXPECT_EQ(meter->served_model(), "claude-opus-5-5");
  EXPECT_EQ(meter->stop_reason(), "stop");
}

// Usage comes only when the client has asked for it.
TEST(UsageMeter, EstimatesAStreamOfChatCompletionsWithoutUsage) {
  const auto meter = metered(AnswerKind::chat_events, {chat_stream, chat_done});
  EXPECT_EQ(usage_of(*meter), (Usage{.input = input_estimate, .output = 3, .is_estimated = true}));
}

TEST(UsageMeter, CountsAChatCompletion) {
  const auto meter =
      metered(AnswerKind::chat_json,
              {R"({"model":"m","choices":[{"message":{"content":"x"},"finish_reason":"length"}],)"
               R"("usage":{"prompt_tokens":25,"completion_tokens":15,"prompt_tokens_details":)"
               R"({"cached_tokens":5}}})"});
  EXPECT_EQ(usage_of(*meter), (Usage{.input = 20, .output = 15, .cache_read = 5}));
  EXPECT_EQ(meter->stop_reason(), "length");
}

TEST(UsageMeter, ReadsCompressedAnswers) {
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string body = coded(coding, stream);
    for (std::size_t cut = 0; cut <= body.size(); ++cut) {
      const std::string_view whole{body};
      const auto meter =
          metered(AnswerKind::messages_events, {whole.substr(0, cut), whole.substr(cut)}, coding);
      EXPECT_EQ(usage_of(*meter), stream_usage) << coding << cut;
    }
    const auto json = metered(AnswerKind::messages_json, {coded(coding, message)}, coding);
    EXPECT_EQ(usage_of(*json), stream_usage) << coding;
  }
}

TEST(UsageMeter, CountsTheBytesOfWhatItCannotDecode) {
  const auto unknown = metered(AnswerKind::messages_events, {stream}, "compress");
  EXPECT_TRUE(unknown->has_unread_bytes());
  EXPECT_GT(usage_of(*unknown).output, 0);
  EXPECT_TRUE(usage_of(*unknown).is_estimated);

  const std::string bomb = gzipped(start + std::string(10 * limits::mib, '\n'));
  const auto meter = metered(AnswerKind::messages_events, {bomb, finish}, "gzip");
  EXPECT_TRUE(meter->has_unread_bytes());
  EXPECT_EQ(usage_of(*meter).input, 25);
  EXPECT_TRUE(usage_of(*meter).is_estimated);
}

TEST(AnswerKind, IsSaidByTheContentTypeAndElseByTheRequest) {
  using enum core::Endpoint;
  EXPECT_EQ(answer_kind(messages, "text/event-stream; charset=utf-8", false),
            AnswerKind::messages_events);
  EXPECT_EQ(answer_kind(messages, "Application/JSON", true), AnswerKind::messages_json);
  EXPECT_EQ(answer_kind(messages, "", true), AnswerKind::messages_events);
  EXPECT_EQ(answer_kind(messages, "text/plain", false), AnswerKind::messages_json);
  EXPECT_EQ(answer_kind(chat_completions, "text/event-stream", true), AnswerKind::chat_events);
  EXPECT_EQ(answer_kind(chat_completions, "application/json", true), AnswerKind::chat_json);
  EXPECT_EQ(answer_kind(count_tokens, "application/json", false), AnswerKind::none);
}

// One for every open stream.
TEST(UsageMeter, IsSmall) {
  EXPECT_LE(sizeof(UsageMeter), 640U);
}

}  // namespace
}  // namespace relay::claude
