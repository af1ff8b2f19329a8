#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/task.h"
#include "core/ledger.h"
#include "http/ports.h"

namespace relay::exchange {

// A port: who hears of every exchange, for the metrics and the access log. Called on the loops'
// threads, once for each request, and must not wait.
class Observer {
 public:
  virtual ~Observer() = default;

  // An admitted exchange was settled. `error` is what the client was told by us, if anything was.
  virtual void settled(const core::LedgerEntry& entry, const Error* error) noexcept = 0;

  // A request that was not admitted: no key, or not allowed.
  virtual void refused(const http::ClientStream& client, const core::RequestId& request,
                       const Error& error) noexcept = 0;
  virtual void began() noexcept = 0;  // Pairs with settled().

  // An upstream was asked once more; `reason` is a word from a closed set.
  virtual void retried(http::UpstreamId upstream, std::string_view reason) noexcept = 0;
  virtual void answered(http::UpstreamId upstream, int status) noexcept = 0;
};

// A port: proves a key whose digest was made under another pepper by its slow hash, away from the
// loop, and puts it back into the key table. Returns when that has succeeded or failed. Bounded:
// one proof at a time for one public id.
class KeyProof {
 public:
  virtual ~KeyProof() = default;
  virtual Task<void> prove(const http::RequestHead& head) = 0;
};

}  // namespace relay::exchange
