#pragma once

#include <cstdint>
#include <optional>

#include "base/task.h"
#include "sim/link.h"
#include "sim/request_log.h"
#include "sim/script.h"
#include "sim/wire_answer.h"

namespace relay::sim {

// How far an answer got.
struct Sent {
  Ending ending = Ending::complete;
  std::uint64_t bytes = 0;
  std::uint64_t pieces = 0;
  std::optional<ReportedUsage> usage = {};
};

// Sends the answer the way the script wants it: late, in fragments, with stalls, up to a cut. After
// Ending::cut the connection is to be closed. All arguments must outlive the task.
Task<Sent> send_answer(Link& link, const WireAnswer& answer, const Script& script);

}  // namespace relay::sim
