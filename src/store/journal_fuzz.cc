// Invariants under test: whatever lies in a segment, reading it ends, every entry that it gives can
// be used (no enumerator and no text is out of range), no slot gives two entries, and what is
// recovered can be written and read again as it was.
#include <cstdint>
#include <cstdlib>

#include "store/journal_recovery.h"
#include "store/journal_slot.h"

namespace relay::store {
namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_entry(const core::LedgerEntry& entry) {
  check(entry.endpoint <= core::Endpoint::advisor);
  check(entry.delivery <= core::Delivery::abandoned);
  check(entry.request.view().size() <= 28 && entry.model.view().size() <= 63);
  check(entry.served_model.view().size() <= 63 && entry.upstream.view().size() <= 31);
  check(entry.upstream_request.view().size() <= 47);

  JournalSlot slot{};
  write_begin(slot, 1, 1, entry);
  write_end(slot, 1, entry);
  const SlotContents again = read_slot(slot);
  check(again.state == SlotState::closed && again.entry.attempt == entry.attempt);
  check(again.entry.usage == entry.usage && again.entry.model == entry.model);
}

}  // namespace
}  // namespace relay::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace relay::store;
  const auto bytes = std::as_bytes(std::span{data, size});
  const RecoveredSegment recovered = recover_slots(bytes, {});
  for (const auto& entry : recovered.closed) check_entry(entry);
  for (const auto& entry : recovered.abandoned) check_entry(entry);

  const std::size_t slots = (size + sizeof(JournalSlot) - 1) / sizeof(JournalSlot);
  check(recovered.closed.size() + recovered.abandoned.size() <= slots);
  check(recovered.damaged.size() <= size);
  return 0;
}
