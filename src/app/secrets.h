#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/config_draft.h"
#include "base/secret.h"

namespace relay::app {

// The two secrets that the relay itself needs.
struct StationSecrets {
  Secret secret_key;                 // At least 32 bytes: signs sessions, peppers keys.
  Secret admin_password;             // At least 12 characters.
  std::vector<std::string> notices;  // What was generated, and where it is. Names no secret.
};

// Takes what is configured. On an embedded store, what is missing is read from the data directory,
// which is created, or generated into it (0600) the first time: `secret_key`, `admin_password`.
// Relays that share a PostgreSQL must be told.
//
// A weak secret or an example out of some document is refused with the command that makes a good
// one.
[[nodiscard]] std::expected<StationSecrets, Problems> station_secrets(const Config& config);

// What is wrong with the secrets that are configured. Reads and generates nothing.
[[nodiscard]] Problems secret_faults(const Config& config);

// The key of a relay that has been started before; generates nothing.
[[nodiscard]] std::expected<Secret, Problem> existing_secret_key(const Config& config);

// Whether this was copied from documentation: "change-me", "your-secret-key", "123456".
[[nodiscard]] bool is_known_example(std::string_view secret);

}  // namespace relay::app
