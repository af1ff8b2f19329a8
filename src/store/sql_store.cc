#include "store/sql_store.h"

namespace relay::store {

Result<void> SqlStore::write(const Work& work) {
  const Result<Lease> connection = writer();
  if (!connection) return std::unexpected(connection.error());
  return within(**connection, SqlConnection::Access::read_write, work);
}

Result<void> SqlStore::within(SqlConnection& connection, SqlConnection::Access access,
                              const Work& work) {
  Result<SqlTransaction> transaction = SqlTransaction::begin(connection, access);
  if (!transaction) return std::unexpected(transaction.error());
  Result<void> done = work(connection);
  if (!done) return done;
  return transaction->commit();
}

Result<void> SqlStore::read(const Work& work) {
  return read_by(reader(), work);
}

Result<void> SqlStore::read_at_leisure(const Work& work) {
  return read_by(leisurely_reader(), work);
}

Result<void> SqlStore::read_by(const Result<Lease>& connection, const Work& work) {
  if (!connection) return std::unexpected(connection.error());
  return within(**connection, SqlConnection::Access::read_only, work);
}

}  // namespace relay::store
