#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/usage_report.h"

namespace relay::sim {

// A part of a body that is sent in one go: an event of a stream, or the whole of anything else.
struct Piece {
  std::string bytes;
  std::optional<ReportedUsage> usage = {};  // What was reported when these bytes were out.
};

// An answer before it is coded and framed.
struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string fields = {};  // Whole lines, beside those that every answer has.
  std::vector<Piece> pieces = {};
  bool is_batch = false;  // Its usage is that of a batch.
};

[[nodiscard]] inline Answer json_answer(std::string json, int status = 200) {
  Answer answer{.status = status};
  answer.pieces.push_back({std::move(json)});
  return answer;
}

// An error in the shape of the real API.
[[nodiscard]] Answer error_answer(int status, std::string_view type, std::string_view message);

// By the status, where a type is not given.
[[nodiscard]] std::string_view error_type(int status) noexcept;

}  // namespace relay::sim
