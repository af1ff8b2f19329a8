#pragma once

#include <string>

#include "core/store.h"
#include "exchange/batches.h"
#include "net/loop.h"
#include "net/workers.h"

namespace relay::app {

// Asks the store whose a batch is on the worker threads, for the exchanges of one loop, to which it
// belongs.
class WorkerOwners final : public exchange::BatchOwners {
 public:
  WorkerOwners(net::Loop& loop, net::Workers& workers, core::Store& store) noexcept
      : loop_{loop}, workers_{workers}, store_{store} {}

  Task<Result<core::BatchOwner>> claim(std::string batch, core::BatchOwner claimant) override;

 private:
  net::Loop& loop_;
  net::Workers& workers_;
  core::Store& store_;
};

}  // namespace relay::app
