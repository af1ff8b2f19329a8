#include "app/config_draft.h"

namespace relay::app {

std::string to_string(const Problem& problem) {
  return problem.place + ": " + problem.message;
}

}  // namespace relay::app
