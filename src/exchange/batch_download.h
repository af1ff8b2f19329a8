#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "claude/batch_results.h"
#include "core/ledger.h"
#include "core/price_table.h"
#include "exchange/context.h"

namespace relay::exchange {

// Results of a batch on their way to a client. What they cost was not known before, so it is here
// that it is charged: an entry of the ledger for each request that was answered, and for each of
// its advisors, before its line is passed on. It is charged to the key that created the batch, in
// the time in which it did; if that is not known, to the first key that fetches results of it.
//
// The entries have the same names and times whenever and however often results are fetched, so
// that each is charged once. What of them counts against the key's limits is known when they are
// stored: store/ledger_writer.h.
//
// Of an exchange; lives in its passage.
class BatchDownload {
 public:
  // `entry` is that of the download itself.
  BatchDownload(Context& context, std::string batch, const core::LedgerEntry& entry,
                std::string_view content_encoding);

  // First, and before the client gets anything: whose are they? store_unavailable.
  Task<Result<void>> open();

  // Charges what ends in these bytes, which come next. Waits while the ledger has no room.
  // overloaded: it had none for too long. upstream_protocol: they cannot be read.
  Task<Result<void>> charge(std::string_view bytes);

 private:
  [[nodiscard]] bool record(const claude::BatchResult& result);
  [[nodiscard]] core::LedgerEntry entry_of(std::string_view name, const claude::ModelName& model,
                                           const core::Usage& usage) const;

  Context& context_;
  const std::string batch_;
  const core::LedgerEntry& entry_;
  const std::shared_ptr<const core::PriceTable> prices_;
  claude::BatchResults results_;
  core::BatchOwner owner_;
};

// Remembers whose a new batch is, which this answer describes. One that cannot be remembered will
// be that of who fetches its results.
Task<void> remember_batch(Context& context, const core::LedgerEntry& creation,
                          std::string_view answer);

}  // namespace relay::exchange
