#pragma once

#include <string>

#include "app/key_directory.h"
#include "exchange/observer.h"
#include "net/loop.h"
#include "net/workers.h"

namespace relay::app {

// Proves stale keys on the worker threads, for the requests of one loop, to which it belongs. At
// most one proof runs for one public id at a time, limits::key_proof_interval_min apart: who
// guesses at a key cannot keep the workers busy.
class WorkerProof final : public exchange::KeyProof {
 public:
  WorkerProof(net::Loop& loop, net::Workers& workers, KeyDirectory& directory) noexcept
      : loop_{loop}, workers_{workers}, directory_{directory} {}

  Task<void> prove(const http::RequestHead& head) override;

 private:
  net::Loop& loop_;
  net::Workers& workers_;
  KeyDirectory& directory_;
};

}  // namespace relay::app
