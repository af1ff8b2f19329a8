#pragma once

#include <cstdint>
#include <ostream>

#include "base/clock.h"
#include "core/credential.h"
#include "core/store.h"

namespace relay::bench {

// Puts into a store what would take a relay months. What is wrong ends the program: see main.cc.
class Filling {
 public:
  Filling(core::Store& store, const core::Pepper& pepper, const Clock& clock) noexcept
      : store_{store}, pepper_{pepper}, clock_{clock} {}

  // Writes each key's text to `texts`. Their slow hashes are one and the same, because a real one
  // takes 47 ms: keys are found by their digest, so nobody asks for it.
  Result<void> add_keys(std::int64_t count, std::ostream& texts);

  // Complete exchanges of the keys in turn, one a second up to now.
  Result<void> add_rows(std::int64_t count);

 private:
  [[nodiscard]] core::NewKey new_key(std::int64_t number, std::ostream& texts) const;
  [[nodiscard]] core::LedgerEntry row(std::int64_t number, std::int64_t count) const;

  core::Store& store_;
  const core::Pepper& pepper_;
  const Clock& clock_;
  std::vector<core::KeyId> keys_;
};

}  // namespace relay::bench
