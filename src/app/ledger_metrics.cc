#include "app/ledger_metrics.h"

#include <array>
#include <string>
#include <utility>

namespace relay::app {
namespace {

using store::LedgerWriter;
using Finding = store::Reconciler::Finding;

struct LedgerMetric {
  std::string name;
  std::string help;
  MetricType type;
  double (*value)(const LedgerWriter& writer);
};

const std::array ledger_metrics = {
    LedgerMetric{
        "relay_usage_queue_depth", "Exchanges that have ended and are not yet in the store.",
        MetricType::gauge,
        [](const LedgerWriter& writer) { return static_cast<double>(writer.backlog_entries()); }},
    LedgerMetric{"relay_usage_lag_seconds",
                 "For how long the store has not taken the oldest of them. 0: it takes them.",
                 MetricType::gauge,
                 [](const LedgerWriter& writer) {
                   return static_cast<double>(writer.counters().batch_age_ms.load()) / 1000;
                 }},
    LedgerMetric{"relay_usage_rows_written_total", "Ledger entries written to the store.",
                 MetricType::counter,
                 [](const LedgerWriter& writer) {
                   return static_cast<double>(writer.counters().entries_written.load());
                 }},
    LedgerMetric{"relay_usage_dropped_total",
                 "Ledger entries lost. Always 0: what cannot be recorded is not begun.",
                 MetricType::counter, [](const LedgerWriter&) { return 0.0; }},
    LedgerMetric{"relay_store_failures_total",
                 "Times that the store did not take a batch. Each is tried again.",
                 MetricType::counter,
                 [](const LedgerWriter& writer) {
                   return static_cast<double>(writer.counters().store_failures.load());
                 }},
    LedgerMetric{"relay_journal_sync_failures_total",
                 "Times that a journal could not be brought to the disk.", MetricType::counter,
                 [](const LedgerWriter& writer) {
                   return static_cast<double>(writer.counters().sync_failures.load());
                 }},
    LedgerMetric{"relay_journal_unsynced_ends_total",
                 "Answers that ended before their record was on the disk, though journal.sync is "
                 "each: the disk did not answer.",
                 MetricType::counter,
                 [](const LedgerWriter& writer) {
                   return static_cast<double>(writer.counters().unsynced_ends.load());
                 }},
};

void add_recovered(MetricSamples& samples, const LedgerWriter& writer) {
  const store::LedgerCounters& counters = writer.counters();
  samples.add({"ended"}, static_cast<double>(counters.recovered_closed.load()));
  samples.add({"abandoned"}, static_cast<double>(counters.recovered_abandoned.load()));
  samples.add({"damaged"}, static_cast<double>(counters.recovered_damaged.load()));
}

}  // namespace

void add_ledger_metrics(Metrics& metrics, std::function<const LedgerWriter*()> writer,
                        std::function<std::optional<Finding>()> finding) {
  for (const LedgerMetric& metric : ledger_metrics) {
    metrics.on_scrape({.name = metric.name, .help = metric.help}, metric.type,
                      [writer, value = metric.value](MetricSamples& samples) {
                        if (const LedgerWriter* now = writer()) samples.add({}, value(*now));
                      });
  }
  metrics.on_scrape({.name = "relay_ledger_differences",
                     .help = "Sums of the ledger that did not agree when they were last compared."},
                    MetricType::gauge, [finding](MetricSamples& samples) {
                      const std::optional<Finding> last = finding();
                      if (last) samples.add({}, static_cast<double>(last->differences));
                    });
  metrics.on_scrape({.name = "relay_ledger_reconciled_timestamp_seconds",
                     .help = "When the sums of the ledger were last compared."},
                    MetricType::gauge, [finding = std::move(finding)](MetricSamples& samples) {
                      const std::optional<Finding> last = finding();
                      if (!last) return;
                      const std::chrono::duration<double> at = last->at.time_since_epoch();
                      samples.add({}, at.count());
                    });
  metrics.on_scrape({.name = "relay_usage_recovered_total",
                     .help = "What a killed relay had left in its journals, taken in at the start.",
                     .labels = {"kind"}},
                    MetricType::counter, [writer = std::move(writer)](MetricSamples& samples) {
                      if (const LedgerWriter* now = writer()) add_recovered(samples, *now);
                    });
}

}  // namespace relay::app
