#include "base/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace relay {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_descriptors() {
  std::error_code failed;
  double count = 0;
  for (std::filesystem::directory_iterator fd{"/proc/self/fd", failed}, end; fd != end && !failed;
       fd.increment(failed)) {
    ++count;
  }
  return count;
}

double descriptors_max() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

struct Memory {
  double virtual_bytes = 0;
  double resident_bytes = 0;
};

Memory memory() {
  std::ifstream statm{"/proc/self/statm"};
  Memory pages;
  statm >> pages.virtual_bytes >> pages.resident_bytes;
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {pages.virtual_bytes * page_bytes, pages.resident_bytes * page_bytes};
}

void add_gauge(Metrics& metrics, std::string name, std::string help, std::function<double()> read) {
  metrics.on_scrape({std::move(name), std::move(help)}, MetricType::gauge,
                    [read = std::move(read)](MetricSamples& samples) { samples.add({}, read()); });
}

}  // namespace

void add_process_metrics(Metrics& metrics, const Clock& clock) {
  const std::chrono::duration<double> started = clock.wall().time_since_epoch();
  metrics.on_scrape({"process_cpu_seconds_total", "User and system CPU time spent."},
                    MetricType::counter,
                    [](MetricSamples& samples) { samples.add({}, cpu_seconds()); });
  add_gauge(metrics, "process_open_fds", "Open file descriptors.", open_descriptors);
  add_gauge(metrics, "process_max_fds", "Most file descriptors allowed.", descriptors_max);
  add_gauge(metrics, "process_virtual_memory_bytes", "Virtual memory size.",
            [] { return memory().virtual_bytes; });
  add_gauge(metrics, "process_resident_memory_bytes", "Resident memory size.",
            [] { return memory().resident_bytes; });
  add_gauge(metrics, "process_start_time_seconds", "Start time since the Unix epoch.",
            [started] { return started.count(); });
}

}  // namespace relay
