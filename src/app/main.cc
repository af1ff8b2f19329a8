#include <malloc.h>
#include <signal.h>

#include "app/command_line.h"

namespace {

constexpr int mapped_alone_bytes_min = 256 * 1024;
constexpr int free_heap_bytes_max = 4 * 1024 * 1024;  // At the end of each heap.

// What is as large as a body goes back to the kernel when it is freed. Left alone, malloc learns
// from the first large one to keep them, in pieces that the next one does not fit in. Small memory
// that is free stays, instead of going and coming with every request.
void give_back_large_memory() noexcept {
  ::mallopt(M_MMAP_THRESHOLD, mapped_alone_bytes_min);
  ::mallopt(M_TRIM_THRESHOLD, free_heap_bytes_max);
}

}  // namespace

int main(int argc, char** argv) {
  give_back_large_memory();
  // A file that has reached its bound (ulimit -f) is then a failed write, as on a full disk.
  ::signal(SIGXFSZ, SIG_IGN);
  return relay::app::run_command_line(
      {argv, argv + argc}, {.environment = relay::app::process_environment()}, {stdout, stderr});
}
