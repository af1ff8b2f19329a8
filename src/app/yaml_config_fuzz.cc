// Invariants under test: whatever a file holds, it is read or refused with at least one problem,
// every problem says where, and no secret comes back in one.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "app/check_config.h"
#include "app/variables.h"
#include "app/yaml_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  relay::app::ConfigDraft draft;
  draft.config.upstreams.resize(1);
  const auto find = [](std::string_view name) -> std::optional<std::string> {
    if (name == "SECRET") return "hunter2 hunter2";
    return std::nullopt;
  };
  const auto env = relay::app::parse_env_file("e", text, {}, draft);
  relay::app::read_yaml_config("f", text, find, draft);
  relay::app::check_config(draft);
  for (const relay::app::Problem& problem : draft.problems) {
    if (problem.place.empty() || problem.message.empty()) std::abort();
    const bool is_quoted = text.find("hunter2") != std::string::npos;
    if (!is_quoted && problem.message.find("hunter2 ") != std::string::npos) std::abort();
  }
  return 0;
}
