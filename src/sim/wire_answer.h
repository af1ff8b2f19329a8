#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/head.h"
#include "sim/answer.h"
#include "sim/script.h"

namespace relay::sim {

// Where one piece of an answer ends, among the bytes of the whole.
struct Mark {
  std::size_t end = 0;
  std::optional<ReportedUsage> usage = {};
};

// An answer as it goes out, byte for byte.
struct WireAnswer {
  std::string bytes;
  std::size_t head_bytes = 0;  // Interim answers included.
  std::vector<Mark> marks;     // Of the body, in order. Behind the last may come what ends it.
  std::string body_sha256;     // Before framing; empty where no script was told.
  int status = 0;
  bool closes = false;
  bool is_batch = false;
};

// What of a request decides how its answer is framed.
struct Asked {
  http::Method method = http::Method::get;
  int minor_version = 1;
  bool keep_alive = true;
  std::string_view accept_encoding;
};

// Codes and frames the answer as the script wants it. `fields`: those that every answer has.
[[nodiscard]] WireAnswer frame(Answer answer, const Script& script, const Asked& asked,
                               std::string_view fields);

[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace relay::sim
