#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "core/batch.h"

namespace relay::exchange {

// A port: whose each batch of messages is, kept where it outlives the process.
class BatchOwners {
 public:
  virtual ~BatchOwners() = default;

  // The owner of a batch of the upstream's: the claimant, if nobody has claimed it before.
  // store_unavailable: that cannot be told now.
  virtual Task<Result<core::BatchOwner>> claim(std::string batch, core::BatchOwner claimant) = 0;
};

}  // namespace relay::exchange
