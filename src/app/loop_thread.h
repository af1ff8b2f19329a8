#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "app/exchange_observer.h"
#include "app/journal_durability.h"
#include "app/router.h"
#include "app/worker_owners.h"
#include "app/worker_proof.h"
#include "exchange/context.h"
#include "net/buffers.h"
#include "net/connector.h"
#include "net/loop.h"
#include "net/loop_sleeper.h"
#include "net/server.h"
#include "net/upstream_pool.h"
#include "store/journal.h"

namespace relay::app {

// What all loops share. Outlives them.
struct LoopShare {
  const exchange::Settings& settings;
  const std::vector<net::UpstreamSettings>& addresses;
  const exchange::KeyTable& keys;
  const core::Pepper& pepper;
  const core::PriceBook& prices;
  exchange::CredentialFailures& failures;
  exchange::Permits& exchanges;
  exchange::Permits& drains;
  exchange::InputCalibration& calibration;
  exchange::Upstreams& upstreams;
  KeyDirectory& directory;
  core::Store& store;  // For the workers only.
  ExchangeMetrics& metrics;
  const Clock& clock;
  const RouterShare& router;
  net::ServerShare& server;
  net::ServerLimits server_limits;
  std::size_t loops = 1;
  TimeZone time_zone = {};
};

// An exception that escapes a connection is a bug or a lack of memory; the others go on.
void report_failure(const std::string& task, std::exception_ptr failure);

// One event loop on a thread of its own, with everything that belongs to it: its port, its
// connections on both sides, its journal. Made, started and destroyed by the main thread.
class LoopThread {
 public:
  // `tls` is the loop's own. Exchanges wait until `keeper`, if any, has synced the journal.
  LoopThread(const LoopShare& share, store::Journal& journal, store::LedgerWriter* keeper,
             net::TlsClients tls);
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread();  // Waits for the end of the thread.

  // Before start(): opens a port, which other loops may share.
  net::IoResult<net::Endpoint> listen(const net::Endpoint& at, Side side);

  void start();

  // Once: closes the ports, lets exchanges end until the deadline, then ends the loop. Does not
  // wait.
  void stop(TimePoint deadline);
  void join();

 private:
  struct Port {
    Port(LoopThread& loop, net::Listener listener, Side side);

    Router router;
    net::Server server;
  };
  void run();
  Task<void> stop_all(TimePoint deadline);

  const LoopShare& share_;
  net::Loop loop_;
  net::LoopSleeper sleeper_;
  net::Buffers buffers_;
  net::Resolver resolver_;
  net::TlsClients tls_;
  net::Connector connector_;
  net::UpstreamPool transport_;
  ExchangeObserver observer_;
  WorkerProof proof_;
  WorkerOwners batches_;
  exchange::RetryBudget retries_;
  core::Calendar calendar_;
  std::optional<JournalDurability> durability_;
  exchange::Context context_;
  std::vector<std::unique_ptr<Port>> ports_;
  net::TaskScope control_;
  Task<void> stopping_;
  std::thread thread_;
};

}  // namespace relay::app
