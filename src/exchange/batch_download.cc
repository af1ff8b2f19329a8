#include "exchange/batch_download.h"

#include <utility>

#include "base/log.h"
#include "exchange/late_charge.h"

namespace relay::exchange {
namespace {

using core::LedgerEntry;

Error full_ledger() {
  return {.code = ErrorCode::overloaded,
          .origin = Origin::store,
          .message = "The relay cannot record more results now. Fetch them again.",
          .detail = "the ledger was busy for too long",
          .retry_after = limits::retry_after_least};
}

Error unreadable_results() {
  return {.code = ErrorCode::upstream_protocol,
          .origin = Origin::upstream,
          .message = "The upstream sent results in a form that cannot be charged.",
          .detail = "results of a batch in a content coding that cannot be read"};
}

}  // namespace

BatchDownload::BatchDownload(Context& context, std::string batch, const LedgerEntry& entry,
                             std::string_view content_encoding)
    : context_{context},
      batch_{std::move(batch)},
      entry_{entry},
      prices_{context.prices.snapshot()},
      results_{content_encoding} {
}

Task<Result<void>> BatchDownload::open() {
  const core::BatchOwner claimant{.key = entry_.key, .since = entry_.started};
  const Result<core::BatchOwner> owner = co_await context_.batches.claim(batch_, claimant);
  if (!owner) co_return std::unexpected(owner.error());
  owner_ = *owner;
  co_return {};
}

Task<Result<void>> BatchDownload::charge(std::string_view bytes) {
  const TimePoint deadline = context_.sleeper.now() + limits::ledger_room_wait_max;
  const bool was_unread = results_.has_unread_lines();
  results_.feed(bytes);
  for (auto result = results_.next(); result; result = results_.next()) {
    while (!record(*result)) {
      const TimePoint now = context_.sleeper.now();
      if (now >= deadline) co_return std::unexpected(full_ledger());
      co_await context_.sleeper.sleep_until(now + limits::ledger_room_poll);
    }
  }
  if (results_.has_unread_lines() && !was_unread) {
    log_warning("results of a batch cannot be read, and are not charged", {{"batch", batch_}});
  }
  if (!results_.is_readable()) co_return std::unexpected(unreadable_results());
  co_return {};
}

// False: there is no room for all of it now. What there was room for may come again.
bool BatchDownload::record(const claude::BatchResult& result) {
  if (context_.ledger.is_busy()) return false;
  for (const claude::AdvisorUsage& advisor : result.advisors) {
    // No custom_id has a zero byte in it.
    const std::string name = result.custom_id + '\0' + std::string{advisor.model.view()};
    LedgerEntry entry = entry_of(name, advisor.model, advisor.usage);
    entry.endpoint = core::Endpoint::advisor;
    entry.terms = {.tier = result.terms.tier, .geo = result.terms.geo};
    if (!exchange::record(context_.ledger, *prices_, entry)) return false;
  }
  LedgerEntry entry = entry_of(result.custom_id, result.model, result.usage);
  entry.endpoint = core::Endpoint::batches;
  entry.terms = result.terms;
  return exchange::record(context_.ledger, *prices_, entry);
}

LedgerEntry BatchDownload::entry_of(std::string_view name, const claude::ModelName& model,
                                    const core::Usage& usage) const {
  LedgerEntry entry = late_charge(entry_, model, usage);
  entry.attempt = core::attempt_of_result(batch_, name);
  entry.key = owner_.key;
  entry.started = owner_.since;
  return entry;
}

Task<void> remember_batch(Context& context, const LedgerEntry& creation, std::string_view answer) {
  std::string batch = claude::batch_id_of(answer);
  if (batch.empty()) co_return;
  const core::BatchOwner creator{.key = creation.key, .since = creation.started};
  const Result<core::BatchOwner> owner = co_await context.batches.claim(batch, creator);
  if (!owner) {
    log_warning("whose a batch is could not be recorded",
                {{"batch", batch}, {"detail", owner.error().detail}});
  }
}

}  // namespace relay::exchange
