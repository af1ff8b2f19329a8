#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/key.h"
#include "core/ledger.h"

namespace relay::core {

// A key to be created. Its uuid, public id, hash and digest are the caller's, who alone has seen
// the secret.
using NewKey = ApiKey;  // `id` and `tokens_used` are ignored.

struct UsageTotals {
  Usage usage;
  std::int64_t requests = 0;
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
// Implemented by store/memory_store.h and store/sqlite_store.h. Both pass
// src/store/store_contract_test.cc; what that file does not check is not promised.
//
// Any method may fail with store_unavailable.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Keys. A deleted key is gone from all of these, its ledger entries stay.

  [[nodiscard]] virtual Result<std::vector<ApiKey>> all_keys() = 0;          // Newest first.
  [[nodiscard]] virtual Result<ApiKey> find_key(std::string_view uuid) = 0;  // not_found
  [[nodiscard]] virtual Result<ApiKey> create_key(
      const NewKey& key) = 0;  // conflict: uuid, public id
  [[nodiscard]] virtual Result<ApiKey> set_key_active(std::string_view uuid, bool is_active) = 0;
  [[nodiscard]] virtual Result<void> delete_key(std::string_view uuid) = 0;

  // Replaces the digest of a key after the pepper has changed.
  [[nodiscard]] virtual Result<void> set_key_digest(KeyId key, const KeyDigest& digest) = 0;

  // Ledger. Entries are appended and never changed.

  // Appends all of `entries`, moves the balances of their keys and the positions of the journals.
  // An attempt that is already recorded is skipped, so a batch whose outcome is unknown may simply
  // be sent again. Entries of Delivery::refused cost nothing and are kept.
  [[nodiscard]] virtual Result<void> append(std::span<const LedgerEntry> entries,
                                            std::span<const JournalPosition> positions) = 0;
  [[nodiscard]] virtual Result<std::vector<JournalPosition>> journal_positions() = 0;

  // Drops the positions of journals whose files are gone. An unknown one is no error.
  [[nodiscard]] virtual Result<void> forget_journals(std::span<const std::uint64_t> journals) = 0;

  // Everything that was ever charged to the key. `requests` counts what was not refused. Is
  // estimated when any part of it is.
  [[nodiscard]] virtual Result<UsageTotals> usage_totals(KeyId key) = 0;

  // Settings. Small texts by name, for what must outlive the process and has no table of its own.

  [[nodiscard]] virtual Result<std::optional<std::string>> find_setting(std::string_view name) = 0;
  [[nodiscard]] virtual Result<void> set_setting(std::string_view name, std::string_view value) = 0;
};

}  // namespace relay::core
