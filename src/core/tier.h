#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace relay::core {

// How fast the keys of a tier may ask. Every key has the whole of it for itself.
struct Tier {
  std::string name;
  std::int64_t requests = 0;  // In a period; all of them may come at once. 0: no limit.
  std::chrono::milliseconds period = std::chrono::seconds{60};
  std::int64_t tokens_per_minute = 0;      // 0: no limit.
  std::int64_t count_tokens_requests = 0;  // In a period, counted apart. 0: as many as `requests`.
  bool is_configured = false;  // As config.yaml says it; false once it was changed by the API.

  friend bool operator==(const Tier&, const Tier&) = default;
};

}  // namespace relay::core
