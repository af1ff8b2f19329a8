#include "store/sql.h"

#include <new>

#include "base/log.h"

namespace relay::store {

Result<SqlTransaction> SqlTransaction::begin(SqlConnection& connection,
                                             SqlConnection::Access access) {
  // Whether that fails does not matter: see below.
  if (connection.is_unfinished_) static_cast<void>(connection.run("ROLLBACK"));
  connection.is_unfinished_ = false;
  const Result<void> begun = connection.run(connection.begin(access));
  if (!begun) return std::unexpected(begun.error());
  return SqlTransaction{connection};
}

// A failed rollback means that the database has rolled back by itself. Without memory it is left to
// the next transaction.
SqlTransaction::~SqlTransaction() {
  if (connection_ == nullptr) return;
  connection_->is_unfinished_ = true;
  try {
    const Result<void> undone = connection_->run("ROLLBACK");
    connection_->is_unfinished_ = false;
    if (!undone) log_debug("nothing to roll back", {{"error", undone.error().detail}});
  } catch (const std::bad_alloc&) {
    return;
  }
}

Result<void> SqlTransaction::commit() {
  Result<void> committed = connection_->run("COMMIT");
  if (committed) connection_ = nullptr;
  return committed;
}

}  // namespace relay::store
