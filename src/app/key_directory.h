#pragma once

#include <map>
#include <span>
#include <string>

#include "app/access_settings.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "core/allowances.h"
#include "core/credential.h"
#include "core/store.h"
#include "exchange/key_table.h"

namespace relay::app {

// Keeps the key table in step with the store, and keeps the allowances. Thread-safe; where it
// blocks, start-up and worker threads only.
class KeyDirectory {
 public:
  KeyDirectory(core::Store& store, const core::Pepper& pepper, exchange::KeyTable& table,
               const Clock& clock, AccessSettings settings)
      : store_{store},
        pepper_{pepper},
        table_{table},
        clock_{clock},
        settings_{std::move(settings)},
        allowances_{settings_.time_zone} {}

  // Once, at start, when the ledger is complete; blocks. If SECRET_KEY has changed since the
  // digests were made, they are all stale: they are wiped, and each key is proved by its slow hash
  // when it is first seen. A former secret of a key is not: it is forgotten.
  Result<void> open();

  // Reads all keys and tiers and replaces the table. Blocks.
  Result<void> refresh();

  // What keys were charged has been corrected in the store: their allowances follow.
  void correct(std::span<const core::LedgerEntry> corrections);

  // These were stored without having been held or charged anywhere else.
  void charge(std::span<const core::LedgerEntry> entries);

  // Whether this is the text of a key of ours. Does not block.
  [[nodiscard]] bool knows(std::string_view text) const;

  // Whether the key's digest still has to be made anew. Does not block.
  [[nodiscard]] bool is_stale(std::string_view text) const;

  // Takes the turn to prove a key: one proof at a time for one public id, and only so many a
  // second. Who got it calls prove(), or end_proof() if that is not to be. Does not block.
  [[nodiscard]] bool begin_proof(std::string_view text, TimePoint now);
  void end_proof(std::string_view text, TimePoint now);

  // Proves a key by its slow hash and makes its digest anew. False if it is no key of ours. Blocks.
  // Ends the turn.
  bool prove(std::string_view text);

 private:
  struct Turn {
    bool is_running = false;
    TimePoint next{};
  };
  Result<void> wipe_stale_digests();
  Result<void> replace_table(std::vector<core::ApiKey> keys);
  [[nodiscard]] bool prove_stale(std::string_view text);

  core::Store& store_;
  const core::Pepper& pepper_;
  exchange::KeyTable& table_;
  const Clock& clock_;
  const AccessSettings settings_;
  Guarded<int> refreshing_;      // So that an older reading never replaces a newer one.
  core::Allowances allowances_;  // Whoever refreshes has them.
  Guarded<std::map<std::string, Turn, std::less<>>> turns_;  // Of keys that exist: bounded by them.
};

}  // namespace relay::app
