// Invariants under test: what is accepted is within its bounds and is read the same through every
// path; a reader of whole JSON texts finds the same model, or refuses the text itself.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>

#include "base/limits.h"
#include "claude/request_peek.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

void compare_with_simdjson(std::string_view body, const relay::claude::RequestPeek& peeked) {
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return;
  std::string_view model;
  if (root["model"].get(model) == simdjson::SUCCESS) expect(model == peeked.model);
  bool is_stream = false;
  if (root["stream"].get(is_stream) == simdjson::SUCCESS) expect(is_stream == peeked.is_stream);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay;
  const std::string_view body{reinterpret_cast<const char*>(data), size};

  const auto peeked = claude::peek(body);
  if (peeked) {
    expect(peeked->model.size() <= limits::model_bytes_max);
    const auto max_tokens = peeked->max_tokens.value_or(0);
    expect(max_tokens >= 0 && max_tokens <= limits::tokens_per_count_max);
    compare_with_simdjson(body, *peeked);
  } else {
    expect(peeked.error().code == ErrorCode::invalid_request && !peeked.error().message.empty());
  }
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"}) {
    const auto decoded = claude::peek_encoded(coding, body);
    if (decoded) expect(decoded->body_bytes <= limits::decoded_bytes_max);
  }
  return 0;
}
