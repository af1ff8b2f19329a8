#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace relay::admin {

// One upstream, as the operator sees it.
struct UpstreamView {
  struct Cooldown {
    std::string_view family;  // Of models.
    WallTime until;
  };
  std::string name;
  std::string url;
  std::string masked_key;  // "sk-ant-…wxyz"
  int priority = 0;
  int weight = 1;
  std::vector<Cooldown> cooldowns;  // Of the families that are asked elsewhere for now.
  std::int64_t in_flight = 0;
  std::string last_error;  // Empty: none since the start.
  std::optional<WallTime> last_error_at;
};

// One line of the effective configuration. Secrets are masked.
struct ConfigLine {
  std::string path;
  std::string value;
  std::string source;  // "default", "config.yaml:3:5", "RELAY_LOOPS".
};

struct SystemView {
  std::string version;
  std::chrono::seconds uptime{};
  std::string store_kind;  // "sqlite", "postgresql".
  std::int64_t store_bytes = 0;
  std::string migration;  // The newest one that was applied.
  std::int64_t journal_backlog_entries = 0;
  std::int64_t entries_written = 0;
  std::int64_t differences = 0;           // Of the ledger's sums, when they were last compared,
  std::optional<WallTime> reconciled_at;  // which was then. None: not yet.
  std::int64_t loops = 0;
  std::int64_t connections = 0;
  std::int64_t exchanges_in_flight = 0;
  std::string time_zone;
  std::vector<ConfigLine> config;
};

// A port: the running relay, for those who ask how it is. Thread-safe.
class System {
 public:
  virtual ~System() = default;
  [[nodiscard]] virtual std::vector<UpstreamView> upstreams() = 0;
  [[nodiscard]] virtual SystemView view() = 0;
};

}  // namespace relay::admin
