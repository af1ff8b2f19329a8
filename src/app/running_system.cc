#include "app/running_system.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/version.h"
#include "claude/model_family.h"
#include "store/migrations.h"

namespace relay::app {
namespace {

constexpr std::size_t shown_key_chars = 4;  // At its end, which tells keys apart.

std::string masked(const Secret& key) {
  if (key.size() < 4 * shown_key_chars) return key.empty() ? "" : "…";
  return "…" + std::string{key.reveal().substr(key.size() - shown_key_chars)};
}

std::string describe(int status) {
  return status == 0 ? "could not be reached" : fmt::format("answered {}", status);
}

// With what is not in the file itself yet.
std::int64_t bytes_of(const std::filesystem::path& file) {
  std::int64_t bytes = 0;
  for (const char* const suffix : {"", "-wal"}) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(file.string() + suffix, failed);
    if (!failed) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

}  // namespace

WallTime RunningSystem::wall_of(TimePoint at) const {
  using std::chrono::milliseconds;
  return parts_.clock.wall() + std::chrono::round<milliseconds>(at - parts_.clock.now());
}

std::vector<admin::UpstreamView> RunningSystem::upstreams() {
  std::vector<admin::UpstreamView> views;
  for (const UpstreamConfig& upstream : parts_.config.upstreams) {
    const http::UpstreamId id{static_cast<std::uint16_t>(views.size())};
    const exchange::UpstreamHealth health = parts_.upstreams.health(id);
    admin::UpstreamView view{.name = upstream.name,
                             .url = upstream.url.to_string(),
                             .masked_key = masked(upstream.api_key),
                             .priority = upstream.priority,
                             .weight = upstream.weight,
                             .cooldowns = {},
                             .in_flight = health.in_flight,
                             .last_error = {},
                             .last_error_at = {}};
    for (auto family = claude::ModelFamily::opus; family <= claude::ModelFamily::other;
         family = static_cast<claude::ModelFamily>(std::to_underlying(family) + 1)) {
      const TimePoint until = health.cool_until.at(std::to_underlying(family));
      if (until <= parts_.clock.now()) continue;
      view.cooldowns.push_back({claude::to_string(family), wall_of(until)});
    }
    if (health.last_error_at) {
      view.last_error = describe(health.last_error);
      view.last_error_at = wall_of(*health.last_error_at);
    }
    views.push_back(std::move(view));
  }
  return views;
}

admin::SystemView RunningSystem::view() {
  using std::chrono::seconds;
  const auto file = sqlite_file(parts_.config);
  const store::Migration& newest =
      (file ? store::sqlite_migrations() : store::postgres_migrations()).back();
  const std::optional<store::LedgerWriter>& writer = parts_.writer;
  const auto finding = parts_.reconciler ? parts_.reconciler->last() : std::nullopt;
  const auto written = writer ? writer->counters().entries_written.load() : 0;
  return {
      .version = std::string{version()},
      .uptime = std::chrono::floor<seconds>(parts_.clock.now() - started_),
      .store_kind = file ? "sqlite" : "postgresql",
      .store_bytes = file ? bytes_of(*file) : 0,
      .migration = fmt::format("{:04} {}", newest.version, newest.name),
      .journal_backlog_entries = writer ? static_cast<std::int64_t>(writer->backlog_entries()) : 0,
      .entries_written = static_cast<std::int64_t>(written),
      .differences = finding ? static_cast<std::int64_t>(finding->differences) : 0,
      .reconciled_at = finding ? std::optional{finding->at} : std::nullopt,
      .loops = static_cast<std::int64_t>(parts_.loops),
      .connections = static_cast<std::int64_t>(parts_.connections.open()),
      .exchanges_in_flight = parts_.metrics.in_flight.value(),
      .time_zone = std::string{parts_.config.time_zone.name()},
      .config = config_};
}

}  // namespace relay::app
