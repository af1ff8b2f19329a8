// Invariant under test: what we accept, Node's llhttp accepts in its strict mode and understands in
// the same way, be it a request, an answer or a chunked body.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "http/oracle/comparison.h"
#include "http/oracle/llhttp_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::http;
  if (!oracle::is_available()) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  for (const std::string& difference :
       {oracle::difference_in_request(bytes), oracle::difference_in_answer(bytes),
        oracle::difference_in_chunked(bytes)}) {
    if (difference.empty()) continue;
    std::fprintf(stderr, "%s\n", difference.c_str());
    std::abort();
  }
  return 0;
}
