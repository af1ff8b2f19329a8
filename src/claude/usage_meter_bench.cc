// What metering costs beside forwarding. Budgets: 25 ns for a delta, 500 ns for a start, 300 ns for
// each kilobyte of an answer that is not a stream.
#include <benchmark/benchmark.h>

#include <string>

#include "claude/usage_meter.h"

namespace relay::claude {
namespace {

const std::string start =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant",)"
    R"("model":"claude-opus-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":)"
    R"({"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":40000,)"
    R"("cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},)"
    R"("output_tokens":1,"service_tier":"standard","inference_geo":"not_available"}}     })"
    "\n\n";
const std::string delta =
    "event: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" tokens"})"
    "      }\n\n";
const std::string finish =
    "event: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)"
    R"("usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":40000,)"
    R"("output_tokens":512}   })"
    "\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"   }\n\n";

// One event in each read, as from a model that thinks as it writes.
void observe_delta(benchmark::State& state) {
  UsageMeter meter{AnswerKind::messages_events};
  meter.observe(start);
  for (auto _ : state) meter.observe(delta);
  benchmark::DoNotOptimize(meter.usage_so_far(0));
}
BENCHMARK(observe_delta);

// Hundreds of them in each read, as when the relay is behind.
void observe_burst_of_deltas(benchmark::State& state) {
  std::string burst;
  while (burst.size() < 32'000) burst += delta;
  UsageMeter meter{AnswerKind::messages_events};
  meter.observe(start);
  for (auto _ : state) meter.observe(burst);
  const auto deltas = static_cast<double>(burst.size() / delta.size());
  state.counters["per_delta"] =
      benchmark::Counter(deltas * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(observe_burst_of_deltas);

// Every event cut in two.
void observe_delta_in_two(benchmark::State& state) {
  UsageMeter meter{AnswerKind::messages_events};
  const std::string_view whole{delta};
  for (auto _ : state) {
    meter.observe(whole.substr(0, 90));
    meter.observe(whole.substr(90));
  }
}
BENCHMARK(observe_delta_in_two);

void observe_stream_without_text(benchmark::State& state) {
  for (auto _ : state) {
    UsageMeter meter{AnswerKind::messages_events};
    meter.observe(start);
    meter.observe(finish);
    benchmark::DoNotOptimize(meter.usage_so_far(0));
  }
}
BENCHMARK(observe_stream_without_text);

void observe_message(benchmark::State& state) {
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0))) {
    text += R"(Some words, a \"quote\" and a line.\n)";
  }
  const std::string message =
      R"({"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-5-5","content":)"
      R"([{"type":"text","text":")" +
      text +
      R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":25,)"
      R"("cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":512}})";
  for (auto _ : state) {
    UsageMeter meter{AnswerKind::messages_json};
    meter.observe(message);
    benchmark::DoNotOptimize(meter.usage_so_far(0));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
}
BENCHMARK(observe_message)->Arg(1'000)->Arg(100'000);

}  // namespace
}  // namespace relay::claude
