#include "app/worker_owners.h"

#include <functional>
#include <utility>

namespace relay::app {
namespace {

Error busy_store() {
  return {.code = ErrorCode::store_unavailable,
          .origin = Origin::store,
          .message = "The relay cannot look up whose batch this is now. Try again.",
          .detail = "the owner of a batch was not found in time",
          .retry_after = limits::retry_after_least};
}

}  // namespace

Task<Result<core::BatchOwner>> WorkerOwners::claim(std::string batch, core::BatchOwner claimant) {
  std::move_only_function<Result<core::BatchOwner>()> job = [&store = store_,
                                                             batch = std::move(batch), claimant] {
    return store.claim_batch(batch, claimant);
  };
  auto asking = net::run_on<Result<core::BatchOwner>>(workers_, loop_, std::move(job),
                                                      loop_.now() + limits::batch_claim_wait_max);
  net::IoResult<Result<core::BatchOwner>> owner = co_await std::move(asking);
  if (!owner) co_return std::unexpected(busy_store());
  if (!*owner) co_return std::unexpected(owner->error());
  co_return **owner;
}

}  // namespace relay::app
