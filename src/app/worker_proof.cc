#include "app/worker_proof.h"

#include <functional>
#include <utility>

#include "exchange/authenticate.h"

namespace relay::app {

Task<void> WorkerProof::prove(const http::RequestHead& head) {
  const Result<std::string_view> shown = exchange::presented_key(head);
  if (!shown) co_return;
  const std::string text{*shown};
  const TimePoint deadline = loop_.now() + limits::key_proof_wait_max;
  while (!directory_.begin_proof(text, loop_.now())) {
    if (loop_.now() >= deadline || !directory_.is_stale(text)) co_return;
    co_await loop_.sleep_until(loop_.now() + limits::key_proof_poll);
  }
  std::move_only_function<bool()> job = [&directory = directory_, text] {
    return directory.prove(text);
  };
  auto proof = net::run_on<bool>(workers_, loop_, std::move(job), deadline);
  const net::IoResult<bool> proved = co_await std::move(proof);
  if (!proved) directory_.end_proof(text, loop_.now());
}

}  // namespace relay::app
