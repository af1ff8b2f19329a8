#include "claude/json_scan.h"

#include <simdjson.h>

#include <string>

namespace relay::claude {
namespace {

// As simdjson sees the processor, so that SIMDJSON_FORCE_IMPLEMENTATION can hide what it has:
// counts of instructions must not depend on the machine.
const JsonScanner* best_scanner() {
  const std::string name = simdjson::get_active_implementation()->name();
  if (name == "haswell" || name == "icelake") return avx2_json_scanner();
  return name == "westmere" ? ssse3_json_scanner() : nullptr;
}

}  // namespace

const JsonScanner* json_scanner() noexcept {
  static const JsonScanner* const best = best_scanner();
  return best;
}

}  // namespace relay::claude
