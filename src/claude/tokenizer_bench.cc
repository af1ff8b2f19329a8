#include <benchmark/benchmark.h>

#include <string>

#include "claude/tokenizer.h"

// Budget: 5 MB/s of typical text, 50 ms for 100 kB of one letter, on one core.
namespace relay::claude {
namespace {

constexpr std::string_view english =
    "The relay counts tokens only where the upstream did not: a stream that was cut. It doesn't "
    "have to be exact, but it has to be the same every time, and explainable in one sentence.\n\n";
constexpr std::string_view chinese =
    "只有在上游没有报告用量时，中继站才自己计算令牌：例如中途断开的流。结果不必精确，但每次都必须相"
    "同，"
    "并且能用一句话解释清楚。\n";
constexpr std::string_view code =
    "std::size_t skip(std::string_view text, std::size_t at, KindSet kinds) noexcept {\n"
    "  for (;;) {\n    const Character character = character_at(text, at);\n"
    "    if (!character.is(kinds)) return at;\n    at += character.bytes;\n  }\n}\n";

void count(benchmark::State& state, Encoding encoding, std::string_view unit) {
  std::string text;
  while (text.size() < 100'000) text += unit;
  for (auto _ : state) benchmark::DoNotOptimize(count_tokens(encoding, text));
  state.SetBytesProcessed(state.iterations() * std::ssize(text));
}

BENCHMARK_CAPTURE(count, cl100k_english, Encoding::cl100k_base, english);
BENCHMARK_CAPTURE(count, cl100k_chinese, Encoding::cl100k_base, chinese);
BENCHMARK_CAPTURE(count, cl100k_code, Encoding::cl100k_base, code);
BENCHMARK_CAPTURE(count, cl100k_one_letter, Encoding::cl100k_base, "a");
BENCHMARK_CAPTURE(count, o200k_english, Encoding::o200k_base, english);
BENCHMARK_CAPTURE(count, o200k_chinese, Encoding::o200k_base, chinese);
BENCHMARK_CAPTURE(count, o200k_code, Encoding::o200k_base, code);
BENCHMARK_CAPTURE(count, o200k_one_letter, Encoding::o200k_base, "a");

}  // namespace
}  // namespace relay::claude
