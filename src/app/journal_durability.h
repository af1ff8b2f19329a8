#pragma once

#include <cstdint>

#include "base/list.h"
#include "exchange/durability.h"
#include "net/loop.h"
#include "net/operation.h"
#include "store/journal.h"
#include "store/ledger_writer.h"

namespace relay::app {

// Lets the exchanges of one loop wait for its journal to be synced. Those that wait at the same
// time share a sync, which is the ledger writer's to do: the loop goes on meanwhile.
//
// Where the disk fails, the journal takes another file, and who waits is let go once the store has
// its entry. Where neither answers for limits::journal_sync_wait_max, an answer ends without,
// which is counted, and the journal begins nothing new until the disk has answered.
//
// Belongs to the loop, which turns no more when this is destroyed. Outlives those who wait.
class JournalDurability final : public exchange::Durability {
 public:
  JournalDurability(net::Loop& loop, store::Journal& journal, store::LedgerWriter& writer);
  JournalDurability(const JournalDurability&) = delete;
  JournalDurability& operator=(const JournalDurability&) = delete;
  ~JournalDurability() override;

  Task<void> reached() override;

 private:
  class Wait;
  struct Place;

  void on_synced();

  net::Loop& loop_;
  store::Journal& journal_;
  store::LedgerWriter& writer_;
  List<Place> waiting_;  // In the order in which their exchanges ended.
  bool is_stalled_ = false;
};

}  // namespace relay::app
