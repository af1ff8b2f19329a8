#include "store/libpq.h"

#include <dlfcn.h>

#include "store/store_error.h"

namespace relay::store {
namespace {

std::unexpected<Error> missing() {
  return failure(ErrorCode::not_found,
                 "the database is PostgreSQL, for which libpq 14 or newer is needed: apt-get "
                 "install libpq5 (" +
                     std::string{::dlerror()} + ")");
}

}  // namespace

const Result<Libpq>& libpq() {
  static const Result<Libpq> loaded = load_libpq("libpq.so.5");
  return loaded;
}

Result<Libpq> load_libpq(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return missing();
  Libpq found;
#define RELAY_LIBPQ_FIND(function)                                                          \
  found.function = reinterpret_cast<decltype(found.function)>(::dlsym(library, #function)); \
  if (found.function == nullptr) return missing();
  RELAY_LIBPQ_FUNCTIONS(RELAY_LIBPQ_FIND)
#undef RELAY_LIBPQ_FIND
  return found;
}

}  // namespace relay::store
