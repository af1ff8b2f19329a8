#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/admin_token.h"
#include "core/audit.h"
#include "core/batch.h"
#include "core/key.h"
#include "core/key_list.h"
#include "core/ledger.h"
#include "core/page.h"
#include "core/report.h"
#include "core/tier.h"

namespace relay::core {

// A key to be created. Its uuid, public id, hash and digest are the caller's, who alone has seen
// the secret.
using NewKey = ApiKey;  // `id` and what the ledger says are ignored.

// Changes a key that is being stored, and says what the audit is to say of it. Called once or more
// often, within the transaction: what it changes is not overwritten by anybody else's change. May
// change neither id, uuid nor created_at, nor what the ledger says. Must not call the store.
using KeyChange = std::function<Result<AuditEntry>(ApiKey& key)>;

struct UsageTotals {
  Usage usage;
  NanoUsd cost = 0;
  std::int64_t requests = 0;
};

// Where what is kept does not agree with what it is a sum of.
struct Difference {
  std::string where;        // "balance of key 3"
  std::string count;        // "output"
  std::int64_t excess = 0;  // By how much more is kept than adds up.
};

// How far a journal has been taken into the store. Kept in the same transaction as the entries, so
// that what is replayed after a crash is neither lost nor charged twice.
struct JournalPosition {
  std::uint64_t journal = 0;   // Which journal: unique for ever.
  std::uint64_t sequence = 0;  // The highest record up to which all are in the store.
};

// The durable side of the relay: keys, balances and the ledger.
//
// Every method is one transaction: it happens whole or not at all, and no caller holds one open
// while it does something else. There is no begin() on purpose.
//
// Methods block. They are called from store and worker threads only. Thread-safe.
//
// Implemented by store/memory_store.h, store/sqlite_store.h and store/postgres_store.h. All of them
// pass the tests of store/store_contract.h; what those do not check is not promised.
//
// Any method may fail with store_unavailable; one that writes may then have happened all the same.
// A page fails with invalid_request if its cursor is not one that the same list has given.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Keys. A deleted key is gone from all of these, its ledger entries stay.

  [[nodiscard]] virtual Result<std::vector<ApiKey>> all_keys() = 0;          // Newest first.
  [[nodiscard]] virtual Result<ApiKey> find_key(std::string_view uuid) = 0;  // not_found
  [[nodiscard]] Result<ApiKey> create_key(const NewKey& key) {
    const Result<std::vector<ApiKey>> created = create_keys({&key, 1}, {});
    if (!created) return std::unexpected(created.error());
    return created->front();
  }
  [[nodiscard]] Result<ApiKey> set_key_active(std::string_view uuid, bool is_active) {
    return update_key(uuid, [is_active](ApiKey& key) -> Result<AuditEntry> {
      key.is_active = is_active;
      return AuditEntry{.action = is_active ? "key.enable" : "key.disable", .object = key.uuid};
    });
  }
  [[nodiscard]] Result<void> delete_key(std::string_view uuid) {
    return delete_key(uuid, {.action = "key.delete", .object = std::string{uuid}});
  }

  // Replaces the digest of a key after the pepper has changed.
  [[nodiscard]] virtual Result<void> set_key_digest(KeyId key, const KeyDigest& digest) = 0;

  // conflict: uuid, public id. All of them or none, and with them the lines of the audit.
  [[nodiscard]] virtual Result<std::vector<ApiKey>> create_keys(
      std::span<const NewKey> keys, std::span<const AuditEntry> audits) = 0;

  // An error of `change` is passed on, and nothing is changed. not_found. conflict: public id.
  [[nodiscard]] virtual Result<ApiKey> update_key(std::string_view uuid,
                                                  const KeyChange& change) = 0;
  [[nodiscard]] virtual Result<void> delete_key(std::string_view uuid,
                                                const AuditEntry& audit) = 0;  // not_found
  [[nodiscard]] virtual Result<Page<ApiKey>> page_of_keys(const KeyFilter& filter, KeySort sort,
                                                          const PageRequest& page) = 0;

  // Tiers, by name.

  [[nodiscard]] virtual Result<std::vector<Tier>> all_tiers() = 0;
  [[nodiscard]] virtual Result<void> put_tier(const Tier& tier, const AuditEntry& audit) = 0;
  // conflict: keys name it. not_found.
  [[nodiscard]] virtual Result<void> delete_tier(std::string_view name,
                                                 const AuditEntry& audit) = 0;

  // Admin tokens, newest first.

  [[nodiscard]] virtual Result<std::vector<AdminToken>> all_admin_tokens() = 0;
  [[nodiscard]] virtual Result<void> create_admin_token(const AdminToken& token,
                                                        const AuditEntry& audit) = 0;  // conflict
  [[nodiscard]] virtual Result<void> delete_admin_token(std::string_view uuid,
                                                        const AuditEntry& audit) = 0;  // not_found
  [[nodiscard]] virtual Result<void> touch_admin_token(std::string_view uuid,
                                                       WallTime used_at) = 0;  // not_found

  // Audit. Newest first.

  [[nodiscard]] virtual Result<void> append_audit(const AuditEntry& audit) = 0;
  [[nodiscard]] virtual Result<Page<AuditEntry>> page_of_audit(const AuditFilter& filter,
                                                               const PageRequest& page) = 0;

  // Reports.

  // By which a key is known in the ledger, also one that is deleted. not_found
  [[nodiscard]] virtual Result<KeyId> ledger_id_of(std::string_view uuid) = 0;

  // Newest first, by when the exchanges began.
  [[nodiscard]] virtual Result<Page<LedgerRow>> page_of_ledger(const LedgerFilter& filter,
                                                               const PageRequest& page) = 0;

  // Ordered by bucket, then by names. A tag counts for each key that carries it; what has no tag,
  // no tier or no known key counts under an empty name. request_too_large: more than
  // limits::usage_groups_max groups.
  [[nodiscard]] virtual Result<std::vector<UsageGroup>> usage(const UsageQuery& query) = 0;

  // Of every key that was charged anything in [from, to), to the millisecond.
  [[nodiscard]] virtual Result<std::vector<KeyCharge>> charges(WallTime from, WallTime to) = 0;

  // Ledger. Entries are appended and never changed.

  // Appends all of `entries`, moves the balances of their keys and the positions of the journals.
  // An attempt that is already recorded is skipped, so a batch whose outcome is unknown may simply
  // be sent again. Entries of Delivery::refused cost nothing and are kept.
  [[nodiscard]] virtual Result<void> append(std::span<const LedgerEntry> entries,
                                            std::span<const JournalPosition> positions) = 0;
  [[nodiscard]] virtual Result<std::vector<JournalPosition>> journal_positions() = 0;

  // Those of the entries' attempts that are recorded, in any order. Where an attempt is looked for
  // depends upon when it began, which is the same whenever it is recorded.
  [[nodiscard]] virtual Result<std::vector<AttemptId>> find_attempts(
      std::span<const LedgerEntry> entries) = 0;

  // Drops the positions of journals whose files are gone. An unknown one is no error.
  [[nodiscard]] virtual Result<void> forget_journals(std::span<const std::uint64_t> journals) = 0;

  // Compares every balance with the sums by hour, and every sum by hour with its entries, as far as
  // they are kept. Gives at most limits::differences_max rows' worth.
  [[nodiscard]] virtual Result<std::vector<Difference>> check() = 0;

  // As check(), but compares only sums with sums, key by key: for a relay that runs. Takes about a
  // second where a million entries are kept, and holds nobody up.
  [[nodiscard]] virtual Result<std::vector<Difference>> check_sums() = 0;

  // Removes entries of whole hours that began before `before`, at most `rows_max` of them or, where
  // months lie apart, a whole month; and says how many. No total changes: sums by hour and balances
  // stay. A store may keep them nevertheless.
  [[nodiscard]] virtual Result<std::int64_t> forget_entries(WallTime before,
                                                            std::size_t rows_max) = 0;

  // When the newest entry began that is older than `rows` others. None: there are not so many.
  [[nodiscard]] virtual Result<std::optional<WallTime>> start_beyond(std::size_t rows) = 0;

  // Everything that was ever charged to the key. `requests` counts what was not refused. Is
  // estimated when any part of it is.
  [[nodiscard]] virtual Result<UsageTotals> usage_totals(KeyId key) = 0;

  // Batches, by the upstream's id.

  // Whose it is: the claimant's, unless it is somebody's already.
  [[nodiscard]] virtual Result<BatchOwner> claim_batch(std::string_view batch,
                                                       const BatchOwner& claimant) = 0;
  // Forgets whose those are that were claimed before `before`. Since when the oldest of the others
  // is somebody's.
  [[nodiscard]] virtual Result<std::optional<WallTime>> forget_batches(WallTime before) = 0;

  // Settings. Small texts by name, for what must outlive the process and has no table of its own.

  [[nodiscard]] virtual Result<std::optional<std::string>> find_setting(std::string_view name) = 0;
  [[nodiscard]] virtual Result<void> set_setting(std::string_view name, std::string_view value) = 0;
  [[nodiscard]] virtual Result<void> set_setting(std::string_view name, std::string_view value,
                                                 const AuditEntry& audit) = 0;

  // Only if its value is still `known`, none: it is not there. conflict: it is another one by now.
  [[nodiscard]] virtual Result<void> replace_setting(std::string_view name,
                                                     const std::optional<std::string>& known,
                                                     std::string_view value,
                                                     const AuditEntry& audit) = 0;
};

}  // namespace relay::core
