// Budget: the head of a request to the upstream in 500 ns, the fields of an answer in 300 ns.
#include <benchmark/benchmark.h>

#include <string>

#include "http/forwarding.h"
#include "http/head_parser.h"

namespace relay::http {
namespace {

constexpr std::string_view request =
    "POST /v1/messages?beta=true HTTP/1.1\r\n"
    "Accept: application/json\r\n"
    "Content-Type: application/json\r\n"
    "User-Agent: claude-cli/2.1.330 (external, sdk-cli)\r\n"
    "X-Claude-Code-Session-Id: 5e1f7a30-9f0e-4f58-9bb5-b1c4a3d1f0aa\r\n"
    "X-Stainless-Arch: x64\r\n"
    "X-Stainless-Lang: js\r\n"
    "X-Stainless-OS: Linux\r\n"
    "X-Stainless-Package-Version: 0.128.0\r\n"
    "X-Stainless-Retry-Count: 0\r\n"
    "X-Stainless-Runtime: node\r\n"
    "X-Stainless-Timeout: 600\r\n"
    "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14\r\n"
    "anthropic-version: 2023-06-01\r\n"
    "x-api-key: sk-proxy-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP\r\n"
    "x-app: cli\r\n"
    "Connection: keep-alive\r\n"
    "Host: relay.example.com\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Content-Length: 50213\r\n"
    "\r\n";

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\n"
    "Date: Sun, 22 Nov 2026 04:00:00 GMT\r\n"
    "Content-Type: text/event-stream; charset=utf-8\r\n"
    "Transfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: no-cache\r\n"
    "anthropic-ratelimit-requests-limit: 4000\r\n"
    "anthropic-ratelimit-requests-remaining: 3999\r\n"
    "request-id: req_011CQ8bT3Wc1uUVNZ8yM4Xyz\r\n"
    "anthropic-organization-id: 5e1f7a30-9f0e-4f58-9bb5-b1c4a3d1f0aa\r\n"
    "Server: cloudflare\r\n"
    "CF-RAY: 8f0a1b2c3d4e5f60-AMS\r\n"
    "\r\n";

constexpr std::string_view credential =
    "sk-ant-api03-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

void upstream_head(benchmark::State& state) {
  RequestHead head;
  if (!parse_request_head(request, head)) state.SkipWithError("refused");
  const UpstreamTarget target{.host = "api.anthropic.com", .credential = credential};
  FrameText out;
  for (auto _ : state) {
    out.clear();
    write_upstream_head(head, target, head.body, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(upstream_head);

void answer_fields(benchmark::State& state) {
  AnswerHead head;
  if (!parse_answer_head(answer, false, head)) state.SkipWithError("refused");
  const AnswerPolicy policy{.upstream_host = "api.anthropic.com", .credential = credential};
  ResponseHead out;
  for (auto _ : state) {
    out.fields.clear();
    append_answer_fields(head, policy, out);
    benchmark::DoNotOptimize(out.fields.data());
  }
}
BENCHMARK(answer_fields);

}  // namespace
}  // namespace relay::http
