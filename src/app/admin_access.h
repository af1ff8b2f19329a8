#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/head.h"

namespace relay::app {

// The admin API, as a command reaches it: through the relay if it runs, because it alone may write
// to its store, or else over the store itself. Who can read SECRET_KEY need not log in.
class AdminAccess {
 public:
  virtual ~AdminAccess() = default;

  // The body of the answer. Errors are in the words of the API.
  [[nodiscard]] virtual Result<std::string> ask(http::Method method, const std::string& target,
                                                const std::string& body = {}) = 0;
};

// Opens the store, or finds the relay that has it. All three must outlive the access.
[[nodiscard]] Result<std::unique_ptr<AdminAccess>> open_admin_access(const Config& config,
                                                                     const Secret& secret_key,
                                                                     const Clock& clock);

}  // namespace relay::app
