#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "core/store.h"
#include "store/usage_groups.h"

namespace relay::store {

// A store that forgets everything with the process: for tests, and for trying the relay out. Sums
// are made anew from the entries at every call, so it is also what other stores are compared with.
class MemoryStore : public core::Store {
 public:
  MemoryStore();
  explicit MemoryStore(const Clock& clock) noexcept : clock_{clock} {}  // Must outlive the store.

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

  [[nodiscard]] Result<void> append(std::span<const core::LedgerEntry> entries,
                                    std::span<const core::JournalPosition> positions) override;
  [[nodiscard]] Result<std::vector<core::JournalPosition>> journal_positions() override;
  [[nodiscard]] Result<std::vector<core::AttemptId>> find_attempts(
      std::span<const core::LedgerEntry> entries) override;
  [[nodiscard]] Result<void> forget_journals(std::span<const std::uint64_t> journals) override;
  [[nodiscard]] Result<core::UsageTotals> usage_totals(core::KeyId key) override;
  // Has no sums that could be wrong, nor any that could outlive their entries: keeps them all.
  [[nodiscard]] Result<std::vector<core::Difference>> check() override;
  [[nodiscard]] Result<std::vector<core::Difference>> check_sums() override { return check(); }
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

  // For tests: all entries, in the order of their attempt ids.
  [[nodiscard]] std::vector<core::LedgerEntry> entries();

 private:
  struct Tables {
    struct Row {
      core::ApiKey key;
      bool is_deleted = false;
    };
    struct Line {
      core::LedgerEntry entry;
      std::int64_t id = 0;
    };
    std::vector<Row> keys;  // The id of a key is its place here, from 1.
    std::map<std::string, core::Tier, std::less<>> tiers;
    std::vector<core::AdminToken> admin_tokens;
    std::vector<core::AuditEntry> audit;
    std::map<core::AttemptId, Line> ledger;
    std::map<std::uint64_t, std::uint64_t> positions;
    std::map<std::string, core::BatchOwner, std::less<>> batches;
    std::map<std::string, std::string, std::less<>> settings;

    [[nodiscard]] core::ApiKey* find(std::string_view uuid);
    [[nodiscard]] bool has(const core::NewKey& key) const;
    [[nodiscard]] std::vector<core::ApiKey> live_keys() const;  // Newest first.
    [[nodiscard]] core::ApiKey with_balance(core::ApiKey key) const;
    [[nodiscard]] KeyBook book() const;
    void record(core::AuditEntry entry);
  };

  const Clock& clock_;
  Guarded<Tables> tables_;
};

}  // namespace relay::store
