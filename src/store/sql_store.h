#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "core/store.h"
#include "store/cursor.h"
#include "store/sql.h"

namespace relay::store {

// A store in a database that speaks SQL. The statements are the same for all dialects; what differs
// lies in the views of the schema, in the connection and in whoever derives from this.
class SqlStore : public core::Store {
 public:
  [[nodiscard]] Result<std::vector<core::ApiKey>> all_keys() override;
  [[nodiscard]] Result<core::ApiKey> find_key(std::string_view uuid) override;
  [[nodiscard]] Result<std::vector<core::ApiKey>> create_keys(
      std::span<const core::NewKey> keys, std::span<const core::AuditEntry> audits) override;
  [[nodiscard]] Result<core::ApiKey> update_key(std::string_view uuid,
                                                const core::KeyChange& change) override;
  [[nodiscard]] Result<void> delete_key(std::string_view uuid,
                                        const core::AuditEntry& audit) override;
  [[nodiscard]] Result<void> set_key_digest(core::KeyId key,
                                            const core::KeyDigest& digest) override;
  [[nodiscard]] Result<core::Page<core::ApiKey>> page_of_keys(
      const core::KeyFilter& filter, core::KeySort sort, const core::PageRequest& page) override;

  [[nodiscard]] Result<std::vector<core::Tier>> all_tiers() override;
  [[nodiscard]] Result<void> put_tier(const core::Tier& tier,
                                      const core::AuditEntry& audit) override;
  [[nodiscard]] Result<void> delete_tier(std::string_view name,
                                         const core::AuditEntry& audit) override;

  [[nodiscard]] Result<std::vector<core::AdminToken>> all_admin_tokens() override;
  [[nodiscard]] Result<void> create_admin_token(const core::AdminToken& token,
                                                const core::AuditEntry& audit) override;
  [[nodiscard]] Result<void> delete_admin_token(std::string_view uuid,
                                                const core::AuditEntry& audit) override;
  [[nodiscard]] Result<void> touch_admin_token(std::string_view uuid, WallTime used_at) override;

  [[nodiscard]] Result<void> append_audit(const core::AuditEntry& audit) override;
  [[nodiscard]] Result<core::Page<core::AuditEntry>> page_of_audit(
      const core::AuditFilter& filter, const core::PageRequest& page) override;

  [[nodiscard]] Result<core::KeyId> ledger_id_of(std::string_view uuid) override;
  [[nodiscard]] Result<core::Page<core::LedgerRow>> page_of_ledger(
      const core::LedgerFilter& filter, const core::PageRequest& page) override;
  [[nodiscard]] Result<std::vector<core::UsageGroup>> usage(const core::UsageQuery& query) override;
  [[nodiscard]] Result<std::vector<core::KeyCharge>> charges(WallTime from, WallTime to) override;

  [[nodiscard]] Result<std::vector<core::JournalPosition>> journal_positions() override;
  [[nodiscard]] Result<std::vector<core::AttemptId>> find_attempts(
      std::span<const core::LedgerEntry> entries) override;
  [[nodiscard]] Result<void> forget_journals(std::span<const std::uint64_t> journals) override;
  [[nodiscard]] Result<core::UsageTotals> usage_totals(core::KeyId key) override;
  [[nodiscard]] Result<std::vector<core::Difference>> check() override;
  [[nodiscard]] Result<std::vector<core::Difference>> check_sums() override;
  [[nodiscard]] Result<std::int64_t> forget_entries(WallTime before, std::size_t rows_max) override;
  [[nodiscard]] Result<std::optional<WallTime>> start_beyond(std::size_t rows) override;

  [[nodiscard]] Result<core::BatchOwner> claim_batch(std::string_view batch,
                                                     const core::BatchOwner& claimant) override;
  [[nodiscard]] Result<std::optional<WallTime>> forget_batches(WallTime before) override;

  [[nodiscard]] Result<std::optional<std::string>> find_setting(std::string_view name) override;
  [[nodiscard]] Result<void> set_setting(std::string_view name, std::string_view value) override;
  [[nodiscard]] Result<void> set_setting(std::string_view name, std::string_view value,
                                         const core::AuditEntry& audit) override;
  [[nodiscard]] Result<void> replace_setting(std::string_view name,
                                             const std::optional<std::string>& known,
                                             std::string_view value,
                                             const core::AuditEntry& audit) override;

 protected:
  // A connection that is ours until the lease ends.
  using Lease = std::unique_ptr<SqlConnection, std::function<void(SqlConnection*)>>;

  explicit SqlStore(const Clock& clock) : clock_{clock} {}

  virtual Result<Lease> reader() = 0;
  virtual Result<Lease> writer() = 0;
  // For what reads everything there is, and takes as long as it takes.
  virtual Result<Lease> leisurely_reader() { return reader(); }

  // Runs `work` in a transaction; commits if it succeeds.
  using Work = std::function<Result<void>(SqlConnection& connection)>;
  Result<void> write(const Work& work);

  // The same on a connection that is at hand.
  static Result<void> within(SqlConnection& connection, SqlConnection::Access access,
                             const Work& work);

  // The same for work that reads more than once and must see one state.
  Result<void> read(const Work& work);
  Result<void> read_at_leisure(const Work& work);

  // Of page_of_ledger(): at most `rows`, newest first, from behind `after`.
  virtual Result<std::vector<core::LedgerRow>> newest_entries(
      SqlConnection& connection, const core::LedgerFilter& filter,
      const std::optional<NumberCursor>& after, std::size_t rows);

  // Of forget_entries(): how many entries were removed.
  virtual Result<std::int64_t> remove_entries(SqlConnection& connection, WallTime before,
                                              std::size_t rows_max);

  const Clock& clock_;

 private:
  static Result<void> read_by(const Result<Lease>& connection, const Work& work);

  // All rows that `query` (an SqlText or an SqlQuery) answers.
  template <typename RowOf, typename Query, typename... Values>
  auto rows(RowOf row_of, const Query& query, const Values&... values)
      -> Result<std::vector<std::invoke_result_t<RowOf, const SqlRow&>>> {
    const Result<Lease> connection = reader();
    if (!connection) return std::unexpected(connection.error());
    std::vector<std::invoke_result_t<RowOf, const SqlRow&>> rows;
    const Result<void> done =
        (*connection)
            ->each(
                query, [&](const SqlRow& row) { rows.push_back(row_of(row)); }, values...);
    if (!done) return std::unexpected(done.error());
    return rows;
  }
};

}  // namespace relay::store
