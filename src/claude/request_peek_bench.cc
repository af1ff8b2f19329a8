// What a request costs before it is forwarded. Budget: 25 µs for the 50 kB of Claude Code.
#include <benchmark/benchmark.h>

#include <string>

#include "claude/coded_fixture.h"
#include "claude/request_peek.h"

namespace relay::claude {
namespace {

// Much prose with line ends and quotes, and tools full of short names, as Claude Code sends it.
std::string claude_code_body(std::size_t bytes) {
  std::string body = R"({"system":[{"type":"text","text":")";
  while (body.size() < bytes / 2) {
    body += R"(You are an agent that edits code. Use the tool \"Read\" before you write.\n\n - Be )"
            R"(brief, and never guess at the contents of a file that you have not seen.\n)";
  }
  body += R"(","cache_control":{"type":"ephemeral"}}],"tools":[)";
  while (body.size() < bytes * 9 / 10) {
    body += R"({"name":"Edit","description":"Performs exact replacements of strings in files.\n)"
            R"(Fails when the old string is not unique.","input_schema":{"type":"object",)"
            R"("properties":{"file_path":{"type":"string","description":"The path"},)"
            R"("replace_all":{"type":"boolean","default":false}},"required":["file_path"],)"
            R"("additionalProperties":false}},)";
  }
  body += R"({}],"messages":[{"role":"user","content":")" + std::string(bytes / 10, 'x');
  return body + R"("}],"max_tokens":128000,"stream":true,"model":"claude-opus-5-5"})";
}

void peek_claude_code(benchmark::State& state) {
  const std::string body = claude_code_body(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(peek(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(peek_claude_code)->Arg(1'000)->Arg(50'000)->Arg(1'000'000);

// One long text, as a conversation is full of.
void peek_text(benchmark::State& state) {
  std::string body = R"({"messages":[{"role":"user","content":")";
  while (body.size() < 200'000) body += R"(lorem ipsum dolor sit amet \n )";
  body += "\"}]}";
  for (auto _ : state) benchmark::DoNotOptimize(peek(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(peek_text);

void peek_gzipped_claude_code(benchmark::State& state) {
  const std::string body = gzipped(claude_code_body(50'000));
  for (auto _ : state) benchmark::DoNotOptimize(peek_encoded("gzip", body));
}
BENCHMARK(peek_gzipped_claude_code);

// The worst there is: nothing but brackets.
void peek_brackets(benchmark::State& state) {
  std::string body = "{\"a\":[";
  for (int n = 0; n < 25'000; ++n) body += "[],";
  body += "0]}";
  for (auto _ : state) benchmark::DoNotOptimize(peek(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(peek_brackets);

}  // namespace
}  // namespace relay::claude
