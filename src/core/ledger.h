#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/short_text.h"
#include "core/ids.h"
#include "core/money.h"
#include "core/usage.h"

namespace relay::core {

// How far a response got. Every exchange that was admitted ends in exactly one of these but the
// last.
enum class Delivery : std::uint8_t {
  complete,         // All of the answer was handed to the client.
  client_gone,      // The client left first.
  upstream_failed,  // The answer began and broke off.
  refused,          // Never answered: not sent, or refused by the upstream. Costs nothing.
  abandoned,        // Dropped by us, or found open after a crash. Charged as last marked.
  adjusted,         // No exchange, but a correction of one: see LedgerEntry.
};

enum class Endpoint : std::uint8_t {
  messages,
  count_tokens,
  chat_completions,
  batches,
  files,
  models,
  other,
  advisor,  // None that a client can ask for: see is_charged_when_stored().
};

// One line of the ledger. Written once, never changed; a correction is another line.
// Trivially copyable, so that a journal can hold it as bytes.
//
// A correction (Delivery::adjusted) is like the line that it corrects, but for these: `usage` and
// `cost` are differences, which may be negative; is_unpriced says that the other one was, and is no
// longer; `price_version` is the new one; the second half of `attempt` is its own. It does not
// count as a request, and is in the time in which the exchange was, so that sums of that time are
// put right. Never in a journal.
struct LedgerEntry {
  AttemptId attempt;
  RequestId request;
  KeyId key = {};
  Endpoint endpoint = Endpoint::other;
  Delivery delivery = Delivery::abandoned;
  bool is_stream = false;
  std::uint8_t attempts = 0;        // How often the upstream was asked.
  std::uint16_t status = 0;         // What the client was told; 0: nothing.
  std::uint32_t first_byte_ms = 0;  // From start to the client's first byte, at least 1; 0: none.
  std::uint32_t duration_ms = 0;
  WallTime started{};
  TokenCount held = 0;  // Set aside at admission, given back with this entry.
  Usage usage;          // What is charged.
  ServiceTerms terms;
  NanoUsd cost = 0;
  std::uint32_t price_version = 0;  // Names the price it was reckoned by; 0: none was known,
  bool is_unpriced = false;         // though there is something to pay for.
  ShortText<63> model;              // As requested.
  ShortText<63> served_model;       // As answered: what prices the exchange.
  ShortText<31> upstream;
  ShortText<47> upstream_request;  // The upstream's request-id.
  Address client;
};
static_assert(std::is_trivially_copyable_v<LedgerEntry>);

// One of a batch, and not a call about batches: its attempt is that of attempt_of_result().
[[nodiscard]] constexpr bool is_batch_result(const LedgerEntry& entry) noexcept {
  return entry.endpoint == Endpoint::batches && entry.terms.tier == ServiceTier::batch;
}

// No exchange of its own: a result of a batch, or what a model has used that the upstream asked for
// advice while it answered (platform.claude.com, agents-and-tools/tool-use/advisor-tool). It holds
// nothing of its key's allowance, so it is counted against that when the store has it.
[[nodiscard]] constexpr bool is_charged_when_stored(const LedgerEntry& entry) noexcept {
  return is_batch_result(entry) || entry.endpoint == Endpoint::advisor;
}

// Room for one entry, kept by a ledger from open() to close().
enum class LedgerSlot : std::uint64_t {};

// Where exchanges are recorded on their way to the store. One per event loop; belongs to its
// thread. What it has been told survives the death of the process.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // So much is on its way to the store that what can wait should.
  [[nodiscard]] virtual bool is_busy() const noexcept = 0;

  // Records that this exchange has begun and keeps room for its end. `begun.usage` is what is owed
  // if nothing is ever marked. overloaded: no room.
  [[nodiscard]] virtual Result<LedgerSlot> open(const LedgerEntry& begun) = 0;

  // Remembers what is owed so far, in case close() is never called: usage, terms, cost,
  // price_version and is_unpriced. Cheap: call it often.
  virtual void mark(LedgerSlot slot, const LedgerEntry& so_far) noexcept = 0;

  // Records the end. Has room: open() has seen to it. Visible in the store soon afterwards. What
  // is known when an exchange begins stays as it was begun: attempt, request, key, endpoint,
  // is_stream, started, held, model and client.
  virtual void close(LedgerSlot slot, const LedgerEntry& ended) noexcept = 0;
};

}  // namespace relay::core
