#include "store/sqlite_functions.h"

#include <sqlite3.h>

#include <new>
#include <vector>

#include "store/ledger_clues.h"

namespace relay::store {
namespace {

WallTime time_of(sqlite3_value* value) noexcept {
  return WallTime{std::chrono::milliseconds{sqlite3_value_int64(value)}};
}

std::string_view bytes_of(sqlite3_value* value) noexcept {
  const void* const bytes = sqlite3_value_blob(value);
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// SQLite keeps a pointer for each group, null at first.
std::vector<std::uint8_t>** clues_of(sqlite3_context* context, bool is_wanted) noexcept {
  const int size = is_wanted ? sizeof(std::vector<std::uint8_t>*) : 0;
  return static_cast<std::vector<std::uint8_t>**>(sqlite3_aggregate_context(context, size));
}

void add_clues(sqlite3_context* context, int /*count*/, sqlite3_value** values) noexcept {
  try {
    std::vector<std::uint8_t>** const clues = clues_of(context, true);
    if (clues == nullptr) return sqlite3_result_error_nomem(context);
    if (*clues == nullptr) *clues = new std::vector<std::uint8_t>;
    for (sqlite3_value* const name : {values[1], values[2]}) {
      append_clue(**clues, time_of(values[0]), bytes_of(name));
    }
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void end_clues(sqlite3_context* context) noexcept {
  std::vector<std::uint8_t>** const clues = clues_of(context, false);
  if (clues == nullptr || *clues == nullptr) return sqlite3_result_zeroblob(context, 0);
  sqlite3_result_blob64(context, (*clues)->data(), (*clues)->size(), SQLITE_TRANSIENT);
  delete *clues;
}

}  // namespace

bool add_functions(sqlite3* database) noexcept {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
  return sqlite3_create_function_v2(database, "ledger_clues", 3, flags, nullptr, nullptr,
                                    &add_clues, &end_clues, nullptr) == SQLITE_OK;
}

}  // namespace relay::store
