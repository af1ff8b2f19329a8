#include "sim/request_log.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/rfc3339.h"
#include "sim/json_text.h"

namespace relay::sim {
namespace {

std::string to_line(std::uint64_t number, const LogEntry& entry) {
  return fmt::format(
      R"({{"seq":{},"time":"{}","connection":{},"method":"{}","target":{},"headers":{},)"
      R"("authorized":{},"body_bytes":{},"body_sha256":"{}","body_complete":{},"nonce":{},)"
      R"("attempt":{},"fault":{},"status":{},"answer_sha256":"{}","bytes_sent":{},"bytes_planned":{},)"
      R"("pieces_sent":{},"usage":{},"batch":{},"ended":"{}","duration_us":{}}})"
      "\n",
      number, to_rfc3339(entry.begun), entry.connection, entry.method, json_string(entry.target),
      entry.fields.empty() ? "[]" : entry.fields, entry.is_authorized, entry.body_bytes,
      entry.body_sha256, entry.is_body_complete, json_string(entry.nonce), entry.attempt,
      json_string(entry.fault), entry.status, entry.answer_sha256, entry.bytes_sent,
      entry.bytes_planned, entry.pieces_sent, entry.usage ? to_json(*entry.usage) : "null",
      entry.is_batch, to_string(entry.ending), entry.lasted.count());
}

template <typename Map>
std::string to_object(const Map& counts) {
  std::string object = "{";
  for (const auto& [name, count] : counts) {
    if (object.size() > 1) object += ',';
    object += fmt::format(R"("{}":{})", name, count);
  }
  return object += '}';
}

}  // namespace

std::string_view to_string(Ending ending) noexcept {
  switch (ending) {
    case Ending::complete: return "complete";
    case Ending::cut: return "cut";
    case Ending::client_closed: return "client_closed";
  }
  __builtin_unreachable();
}

RequestLog::RequestLog(const std::string& path) {
  if (!path.empty()) file_.open(path, std::ios::app);
}

void RequestLog::add(const LogEntry& entry) {
  ++requests_;
  body_bytes_ += entry.body_bytes;
  ++by_status_[entry.status];
  ++by_ending_[to_string(entry.ending)];
  if (!entry.fault.empty()) ++malformed_;
  if (entry.fault.empty() && !entry.is_authorized) ++unauthorized_;
  if (entry.usage && entry.is_batch) {
    batch_usage_ += *entry.usage;
  } else if (entry.usage) {
    usage_ += *entry.usage;
    if (entry.ending == Ending::complete) complete_usage_ += *entry.usage;
  }

  std::string& line = lines_.emplace_back(to_line(first_ + lines_.size(), entry));
  bytes_ += line.size();
  if (file_.is_open()) file_ << line << std::flush;
  while (bytes_ > limits::simulator_log_bytes_max) {
    bytes_ -= lines_.front().size();
    lines_.pop_front();
    ++first_;
  }
}

std::string RequestLog::entries(std::uint64_t since) const {
  std::string all;
  for (std::size_t i = since > first_ ? since - first_ : 0; i < lines_.size(); ++i) {
    all += lines_[i];
  }
  return all;
}

std::string RequestLog::totals(const Gauges& gauges) const {
  return fmt::format(
      R"({{"requests":{},"unauthorized":{},"malformed":{},"body_bytes":{},"by_status":{},)"
      R"("by_ending":{},"usage":{},"complete_usage":{},"batch_usage":{},)"
      R"("connections_accepted":{},"connections_open":{},"in_flight":{},"next_seq":{}}})",
      requests_, unauthorized_, malformed_, body_bytes_, to_object(by_status_),
      to_object(by_ending_), to_json(usage_), to_json(complete_usage_), to_json(batch_usage_),
      gauges.connections_accepted, gauges.connections_open, gauges.in_flight,
      first_ + lines_.size());
}

void RequestLog::clear() {
  first_ += lines_.size();
  lines_.clear();
  bytes_ = 0;
  requests_ = unauthorized_ = malformed_ = body_bytes_ = 0;
  by_status_.clear();
  by_ending_.clear();
  usage_ = complete_usage_ = batch_usage_ = {};
}

}  // namespace relay::sim
