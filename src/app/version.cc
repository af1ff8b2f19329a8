#include "app/version.h"

namespace relay::app {

std::string_view version() {
  return RELAY_VERSION;
}

std::string_view commit() {
  return RELAY_COMMIT;
}

std::string_view compiler() {
#ifdef __clang__
  return "clang++ " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

}  // namespace relay::app
