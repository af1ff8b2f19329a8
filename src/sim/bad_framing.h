#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/head.h"

namespace relay::sim {

// An answer that is about to become bytes: what a fault may still break.
struct Draft {
  std::string before;  // Interim answers.
  std::string status_line;
  std::vector<std::string> lines;  // Of the head, without their line ends.
  std::string line_end = "\r\n";
  std::vector<std::string> pieces;  // Of the body, framed.
  std::string tail;                 // What ends the body, framed.
  std::size_t body_bytes = 0;       // Unframed.
  bool closes = false;              // The connection ends with the answer.
};

// One way of breaking HTTP in an answer.
struct BadFraming {
  std::string_view name;
  http::Framing framing;  // How the body is framed before it is broken.
  std::string_view meaning;
  void (*spoil)(Draft& draft);
};

[[nodiscard]] std::span<const BadFraming> bad_framings() noexcept;

// Null: no such name.
[[nodiscard]] const BadFraming* find_bad_framing(std::string_view name) noexcept;

}  // namespace relay::sim
