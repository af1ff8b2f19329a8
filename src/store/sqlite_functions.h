#pragma once

struct sqlite3;

namespace relay::store {

// Gives migrations what they cannot say in SQL:
//
//   ledger_clues(started, request, upstream_request)  of a group of rows, clues to them in one blob
//
// False: there was no memory.
bool add_functions(sqlite3* database) noexcept;

}  // namespace relay::store
