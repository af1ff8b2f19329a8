#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "instructions/workload.h"

// valgrind --tool=callgrind --toggle-collect=measured instruction_counts NAME
// counts the instructions of one workload. Prints of how many units they are. Without a name it
// prints all names.

// Its name is what callgrind looks for. Not inline and not at the end of a call, or it is not seen.
extern "C" [[gnu::noinline]] void measured(const std::function<void()>& run) {
  run();
  asm volatile("" ::: "memory");
}

int main(int count, char** arguments) {
  using namespace relay::bench;
  const std::array workloads = {head_parse(), small_exchange(), stream_event(), admit_and_settle()};
  for (const Workload& workload : workloads) {
    if (count < 2) fmt::print("{}\n", workload.name);
    if (count < 2 || workload.name != arguments[1]) continue;
    const std::function<void()> run = workload.prepare();
    run();
    run();
    measured(run);
    fmt::print("{}\n", workload.units);
    return EXIT_SUCCESS;
  }
  return count < 2 ? EXIT_SUCCESS : EXIT_FAILURE;
}
