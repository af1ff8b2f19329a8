#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "core/store.h"

namespace relay::store {

// A store that forgets everything with the process: for tests, and for trying the relay out. Sums
// are made anew from the entries at every call, so it is also what other stores are compared with.
class MemoryStore final : public core::Store {
 public:
  [[nodiscard]] Result<std::vector<core::ApiKey>> all_keys() override;
  [[nodiscard]] Result<core::ApiKey> find_key(std::string_view uuid) override;
  [[nodiscard]] Result<core::ApiKey> create_key(const core::NewKey& key) override;
  [[nodiscard]] Result<core::ApiKey> set_key_active(std::string_view uuid, bool is_active) override;
  [[nodiscard]] Result<void> delete_key(std::string_view uuid) override;
  [[nodiscard]] Result<void> set_key_digest(core::KeyId key,
                                            const core::KeyDigest& digest) override;

  [[nodiscard]] Result<void> append(std::span<const core::LedgerEntry> entries,
                                    std::span<const core::JournalPosition> positions) override;
  [[nodiscard]] Result<std::vector<core::JournalPosition>> journal_positions() override;
  [[nodiscard]] Result<void> forget_journals(std::span<const std::uint64_t> journals) override;
  [[nodiscard]] Result<core::UsageTotals> usage_totals(core::KeyId key) override;

  [[nodiscard]] Result<std::optional<std::string>> find_setting(std::string_view name) override;
  [[nodiscard]] Result<void> set_setting(std::string_view name, std::string_view value) override;

  // For tests: all entries, in the order of their attempt ids.
  [[nodiscard]] std::vector<core::LedgerEntry> entries();

 private:
  struct Tables {
    struct Row {
      core::ApiKey key;
      bool is_deleted = false;
    };
    std::vector<Row> keys;  // The id of a key is its place here, from 1.
    std::map<core::AttemptId, core::LedgerEntry> ledger;
    std::map<std::uint64_t, std::uint64_t> positions;
    std::map<std::string, std::string, std::less<>> settings;

    [[nodiscard]] core::ApiKey* find(std::string_view uuid);
    [[nodiscard]] core::UsageTotals totals(core::KeyId key) const;
    [[nodiscard]] core::ApiKey with_balance(core::ApiKey key) const;
  };
  Guarded<Tables> tables_;
};

}  // namespace relay::store
