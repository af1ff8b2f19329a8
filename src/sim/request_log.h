#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sim/usage_report.h"

namespace relay::sim {

// How an answer came to its end.
enum class Ending : std::uint8_t { complete, cut, client_closed };

[[nodiscard]] std::string_view to_string(Ending ending) noexcept;

// One request and what became of it.
struct LogEntry {
  std::uint64_t connection = 0;
  WallTime begun{};
  std::chrono::microseconds lasted{};
  std::string method;
  std::string target;  // As received.
  std::string fields;  // JSON: [["name","value"],...]; of a credential only whether it is right.
  bool is_authorized = false;
  std::uint64_t body_bytes = 0;
  std::string body_sha256;
  bool is_body_complete = true;
  std::string nonce;
  std::int64_t attempt = 1;  // Of those with this id.
  std::string fault;         // Why the request was refused as HTTP.

  int status = 0;
  std::string answer_sha256;  // Of the whole body, coded but not framed; only of scripted answers.
  std::uint64_t bytes_sent = 0;  // Head included.
  std::uint64_t bytes_planned = 0;
  std::uint64_t pieces_sent = 0;            // Whole ones: events of a stream.
  std::optional<ReportedUsage> usage = {};  // Reported last.
  bool is_batch = false;
  Ending ending = Ending::complete;
};

// What the simulator saw, so that a test can compare it with what others say they did. Keeps the
// last limits::simulator_log_bytes_max of entries; totals know them all. Belongs to one thread.
class RequestLog {
 public:
  // `path`: a file that gets the entries too; empty: none.
  explicit RequestLog(const std::string& path);

  void add(const LogEntry& entry);

  // Entries numbered `since` or higher, a line of JSON each.
  [[nodiscard]] std::string entries(std::uint64_t since) const;

  // One JSON object; what it counts beyond the log is handed in.
  struct Gauges {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t in_flight = 0;  // Requests whose head has come and whose answer has not ended.
  };
  [[nodiscard]] std::string totals(const Gauges& gauges) const;

  // Forgets all entries and totals. Numbers go on.
  void clear();

 private:
  std::deque<std::string> lines_;
  std::uint64_t first_ = 1;  // The number of the first line that is kept.
  std::size_t bytes_ = 0;
  std::ofstream file_;

  std::uint64_t requests_ = 0;
  std::uint64_t unauthorized_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::map<int, std::uint64_t> by_status_;
  std::map<std::string_view, std::uint64_t> by_ending_;
  ReportedUsage usage_;           // Of all answers, as far as it was sent,
  ReportedUsage complete_usage_;  // of those that were sent whole,
  ReportedUsage batch_usage_;     // and of batch results, which count in neither.
};

}  // namespace relay::sim
