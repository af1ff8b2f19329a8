#pragma once

#include <string>

#include "app/config_draft.h"
#include "app/variables.h"

namespace relay::app {

// Reads a configuration file into `draft`. `file` is its name, for places. Every key that is not an
// option, every key that comes twice and every value that an option does not take is a problem with
// its file:line:column; what is right is taken over.
void read_yaml_config(const std::string& file, const std::string& text, const FindVariable& find,
                      ConfigDraft& draft);

}  // namespace relay::app
