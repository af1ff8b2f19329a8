#pragma once

#include <random>

#include "base/clock.h"
#include "base/cohort.h"
#include "core/credential.h"
#include "core/ledger.h"
#include "core/periods.h"
#include "core/price_table.h"
#include "exchange/batches.h"
#include "exchange/credential_failures.h"
#include "exchange/durability.h"
#include "exchange/input_calibration.h"
#include "exchange/key_table.h"
#include "exchange/observer.h"
#include "exchange/permits.h"
#include "exchange/retry.h"
#include "exchange/settings.h"
#include "exchange/upstreams.h"
#include "http/ports.h"

namespace relay::exchange {

// What exchanges use of the world outside them. One per event loop, for all of its connections;
// what it refers to outlives it.
struct Context {
  // Shared by all loops.
  const Settings& settings;
  const KeyTable& keys;
  const core::Pepper& pepper;
  const core::PriceBook& prices;
  CredentialFailures& failures;
  Permits& exchanges;  // All that run.
  Permits& drains;     // Of them, those whose client has left.
  InputCalibration& calibration;
  Upstreams& upstreams;
  KeyProof& proof;
  BatchOwners& batches;
  Observer& observer;
  const Clock& clock;

  // Of this loop.
  http::Upstream& transport;
  core::Ledger& ledger;
  Sleeper& sleeper;
  Cohort& cohort;
  RetryBudget& retries;
  core::Calendar& calendar;
  Durability* durability = nullptr;                 // Null: no exchange waits for the disk.
  std::minstd_rand random{std::random_device{}()};  // For jitter only.
  http::ResponseHead answer_head = {};  // The latest that was begun: room for the next one.
};

}  // namespace relay::exchange
