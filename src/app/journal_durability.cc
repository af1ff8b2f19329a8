#include "app/journal_durability.h"

#include "base/log.h"

namespace relay::app {

struct JournalDurability::Place : Link {
  Place(net::Operation& its_operation, std::uint64_t its_count) noexcept
      : operation{its_operation}, count{its_count} {}
  net::Operation& operation;
  const std::uint64_t count;  // Of entries that are to be durable.
};

// Gives whether they are.
class JournalDurability::Wait final : public net::Operation {
 public:
  Wait(JournalDurability& durability, std::uint64_t count, TimePoint deadline) noexcept
      : Operation{durability.loop_, deadline}, durability_{durability}, place_{*this, count} {}

  void await_suspend(std::coroutine_handle<> coroutine) {
    Operation::await_suspend(coroutine);
    durability_.waiting_.push_back(place_);
    durability_.writer_.sync_soon(durability_.journal_);
  }
  [[nodiscard]] bool await_resume() const noexcept {
    return durability_.journal_.is_durable(place_.count);
  }

 private:
  bool perform() noexcept override { return await_resume(); }

  JournalDurability& durability_;
  Place place_;
};

JournalDurability::JournalDurability(net::Loop& loop, store::Journal& journal,
                                     store::LedgerWriter& writer)
    : loop_{loop}, journal_{journal}, writer_{writer} {
  journal_.on_synced([this] {
    const bool is_told = loop_.post([this] { on_synced(); });
    if (!is_told) journal_.await_due_sync();
  });
}

JournalDurability::~JournalDurability() {
  journal_.on_synced({});
}

Task<void> JournalDurability::reached() {
  const TimePoint deadline = loop_.now() + limits::journal_sync_wait_max;
  const bool is_durable = co_await Wait{*this, journal_.entries_ended(), deadline};
  if (is_durable) co_return;
  writer_.note_unsynced_end();
  journal_.await_due_sync();  // It is to end the stall.
  if (is_stalled_) co_return;
  is_stalled_ = true;
  journal_.set_stalled(true);
  log_error(
      "the disk of the journal does not answer: an answer ends without its record there, and "
      "nothing new begins");
}

// What is not durable after all waits for the next time that the journals are synced anyway: to ask
// for that at once would spin on a disk that fails.
void JournalDurability::on_synced() {
  is_stalled_ = false;
  journal_.set_stalled(false);
  while (!waiting_.empty() && journal_.is_durable(waiting_.front().count)) {
    loop_.wake(waiting_.pop_front().operation);
  }
  if (!waiting_.empty()) journal_.await_due_sync();
}

}  // namespace relay::app
