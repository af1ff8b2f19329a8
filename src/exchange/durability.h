#pragma once

#include "base/task.h"

namespace relay::exchange {

// Where an exchange waits until what its ledger was told is out of reach of a loss of power, if the
// operator wants its client to have the last bytes only then. One per event loop.
class Durability {
 public:
  virtual ~Durability() = default;

  // Of everything that was recorded before. Also returns when the disk has not answered for
  // limits::journal_sync_wait_max: then nobody would gain by waiting longer.
  virtual Task<void> reached() = 0;
};

}  // namespace relay::exchange
