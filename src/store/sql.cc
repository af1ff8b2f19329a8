#include "store/sql.h"

#include "base/log.h"

namespace relay::store {

Result<SqlTransaction> SqlTransaction::begin(SqlConnection& connection,
                                             SqlConnection::Access access) {
  const Result<void> begun = connection.run(connection.begin(access));
  if (!begun) return std::unexpected(begun.error());
  return SqlTransaction{connection};
}

// A failed rollback means that the database has rolled back by itself.
SqlTransaction::~SqlTransaction() {
  if (connection_ == nullptr) return;
  const Result<void> undone = connection_->run("ROLLBACK");
  if (!undone) log_debug("nothing to roll back", {{"error", undone.error().detail}});
}

Result<void> SqlTransaction::commit() {
  Result<void> committed = connection_->run("COMMIT");
  if (committed) connection_ = nullptr;
  return committed;
}

}  // namespace relay::store
