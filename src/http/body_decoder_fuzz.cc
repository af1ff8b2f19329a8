// Invariants under test: where the bytes are cut changes neither the payload, nor where the body
// ends, nor the verdict; and what follows the body is left alone.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/body_decoder.h"

namespace relay::http {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string payload;
  std::size_t consumed = 0;
  bool is_done = false;
  std::string fault;
};

Outcome decoded(std::string bytes, std::size_t first, std::size_t piece) {
  const std::string original = bytes;
  BodyDecoder decoder{{Framing::chunked, 0}};
  Outcome outcome;
  for (std::size_t n = first; outcome.consumed < bytes.size() && !decoder.is_done(); n = piece) {
    n = std::min(n, bytes.size() - outcome.consumed);
    const auto part = decoder.decode(std::span{bytes}.subspan(outcome.consumed, n));
    if (!part) {
      outcome.fault = part.error().message;
      return outcome;
    }
    require(part->consumed <= n && part->is_last == decoder.is_done());
    outcome.payload += part->payload;
    outcome.consumed += part->consumed;
  }
  require(bytes.substr(outcome.consumed) == original.substr(outcome.consumed));
  outcome.is_done = decoder.is_done();
  return outcome;
}

void require_same(const Outcome& a, const Outcome& b) {
  require(a.fault == b.fault);
  if (!a.fault.empty()) return;
  require(a.payload == b.payload && a.consumed == b.consumed && a.is_done == b.is_done);
}

}  // namespace
}  // namespace relay::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::http;
  if (size == 0) return 0;
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  const Outcome whole = decoded(bytes, size, size);
  require_same(decoded(bytes, 1 + data[size - 1] % size, size), whole);
  require_same(decoded(bytes, 1, 1), whole);
  require_same(decoded(bytes, 2, 3), whole);
  return 0;
}
