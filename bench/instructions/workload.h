#pragma once

#include <functional>
#include <string_view>
#include <vector>

namespace relay::bench {

// Something whose instructions are counted: callgrind counts while run() is in measured(), and only
// then. What is made once is made in prepare(), and what is kept for the next time is warm.
struct Workload {
  std::string_view name;
  int units;  // How often run() does what the name says.
  std::function<std::function<void()>()> prepare;
};

// One function for each file of this folder.
Workload head_parse();
Workload small_exchange();
Workload stream_event();
Workload admit_and_settle();

}  // namespace relay::bench
