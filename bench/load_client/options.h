#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/monotonic.h"

namespace relay::bench {

enum class Mode : std::uint8_t {
  closed,  // Each connection sends its next request when the last one has ended.
  churn,   // As closed, with a new connection for every request.
  open,    // Requests begin on a fixed schedule; delays count from when they were due, so that a
           // server that stalls is charged for the queue it causes.
  hold,    // All connections carry a stream; measuring begins when all of them do.
  idle,    // All connections have had one answer and say nothing more.
};

struct Options {
  Mode mode = Mode::closed;
  std::uint16_t port = 9000;
  int connections = 32;
  int sources = 1;  // Addresses to connect from, so that their ports do not run out.
  double rate = 1000;
  double seconds = 3;
  double warmup = 0.5;

  std::size_t body_bytes = 4096;
  bool is_stream = false;
  int events = 60;                  // Of each stream,
  std::int64_t delay_us = 0;        // and the time between two of them.
  std::vector<std::string> keys;    // Taken in turn.
  std::vector<std::string> fields;  // "name: value", beside those that every request has.
  std::vector<int> pids;            // Whose cost is measured.
};

// Of the command line. Ends the program if it asks for help or makes no sense.
Options parse_options(int count, char** arguments);

}  // namespace relay::bench
