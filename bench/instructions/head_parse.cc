#include <cstdlib>
#include <memory>

#include "http/head_parser.h"
#include "instructions/workload.h"

namespace relay::bench {
namespace {

// As Claude Code sends it.
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
    "X-Stainless-Runtime-Version: v24.3.0\r\n"
    "X-Stainless-Timeout: 600\r\n"
    "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14\r\n"
    "anthropic-dangerous-direct-browser-access: true\r\n"
    "anthropic-version: 2023-06-01\r\n"
    "x-api-key: sk-proxy-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP\r\n"
    "x-app: cli\r\n"
    "Connection: keep-alive\r\n"
    "Host: relay.example.com\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Content-Length: 50213\r\n"
    "\r\n";

void parse(http::RequestHead& head) {
  if (!http::parse_request_head(request, head)) std::abort();
}

}  // namespace

Workload head_parse() {
  return {.name = "head_parse", .units = 1, .prepare = [] {
            auto head = std::make_shared<http::RequestHead>();
            return [head] { parse(*head); };
          }};
}

}  // namespace relay::bench
