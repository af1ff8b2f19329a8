#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace relay::app {

// The keys of a relay, as a command reaches them: through the relay if it runs, because it alone
// may write to its store, or else in the store itself. Both give the JSON of the admin API.
class AdminAccess {
 public:
  virtual ~AdminAccess() = default;
  virtual Result<std::string> create_key(const std::string& body) = 0;
  virtual Result<std::string> all_keys() = 0;
  virtual Result<std::string> set_key_active(const std::string& uuid, bool is_active) = 0;
  virtual Result<std::string> delete_key(const std::string& uuid) = 0;
};

// Opens the store, or finds the relay that has it. `clock` must outlive the access.
[[nodiscard]] Result<std::unique_ptr<AdminAccess>> open_admin_access(const Config& config,
                                                                     const Secret& secret_key,
                                                                     const Clock& clock);

// A session of the admin API for one command: whoever can read SECRET_KEY is the administrator.
std::string admin_token_for_cli(const Secret& secret_key, const Clock& clock);

}  // namespace relay::app
