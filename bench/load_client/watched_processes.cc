#include "load_client/watched_processes.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace relay::bench {

Nanos WatchedProcesses::cpu() const {
  Nanos sum = 0;
  for (const int pid : pids_) {
    std::error_code gone;
    for (const auto& thread :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task", gone}) {
      Nanos spent = 0;
      std::ifstream{thread.path() / "schedstat"} >> spent;
      sum += spent;
    }
  }
  return sum;
}

std::int64_t WatchedProcesses::resident_kib() const {
  const std::int64_t page_kib = ::sysconf(_SC_PAGESIZE) / 1024;
  std::int64_t sum = 0;
  for (const int pid : pids_) {
    std::int64_t size = 0;
    std::int64_t resident = 0;
    std::ifstream{"/proc/" + std::to_string(pid) + "/statm"} >> size >> resident;
    sum += resident * page_kib;
  }
  return sum;
}

}  // namespace relay::bench
