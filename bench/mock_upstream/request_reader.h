#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/monotonic.h"

namespace relay::bench {

// What a request asks of the mock.
struct MockRequest {
  bool wants_stream = false;
  int events = 60;  // After message_start.
  Nanos delay = 0;  // Between two of them; none: as fast as they are taken.
};

// Reads requests, one after the other; trusts whoever sends them.
class RequestReader {
 public:
  // Takes what one read gave. True if it ends a request: then request() says which.
  bool read(std::string_view bytes);

  [[nodiscard]] const MockRequest& request() const noexcept { return request_; }

 private:
  bool read_head(std::string_view bytes);
  bool read_body(std::string_view bytes);

  MockRequest request_;
  bool is_in_body_ = false;
  bool is_chunked_ = false;
  std::int64_t body_left_ = 0;
  std::string head_;        // While incomplete.
  std::string body_start_;  // Where "stream":true is looked for.
  std::string body_end_;    // Of a chunked one: its last bytes.
};

}  // namespace relay::bench
