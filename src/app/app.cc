#include "app/app.h"

namespace relay::app {

int serve(const Config&, const StationSecrets&, const Clock&) {
  log_error("this build cannot serve yet");
  return 1;
}

}  // namespace relay::app
