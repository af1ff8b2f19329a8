#include <algorithm>
#include <ranges>

#include "store/batch_totals.h"
#include "store/memory_store.h"

namespace relay::store {

Result<void> MemoryStore::append(std::span<const core::LedgerEntry> entries,
                                 std::span<const core::JournalPosition> positions) {
  auto tables = tables_.lock();
  for (const core::LedgerEntry& entry : entries) {
    const auto id = static_cast<std::int64_t>(tables->ledger.size()) + 1;
    tables->ledger.emplace(entry.attempt, Tables::Line{as_charged(entry), id});
  }
  for (const core::JournalPosition& position : positions) {
    std::uint64_t& sequence = tables->positions[position.journal];
    sequence = std::max(sequence, position.sequence);
  }
  return {};
}

Result<std::vector<core::JournalPosition>> MemoryStore::journal_positions() {
  auto tables = tables_.lock();
  std::vector<core::JournalPosition> positions;
  for (const auto& [journal, sequence] : tables->positions)
    positions.push_back({journal, sequence});
  return positions;
}

Result<std::vector<core::AttemptId>> MemoryStore::find_attempts(
    std::span<const core::LedgerEntry> entries) {
  auto tables = tables_.lock();
  std::vector<core::AttemptId> found;
  for (const core::LedgerEntry& entry : entries) {
    if (tables->ledger.contains(entry.attempt)) found.push_back(entry.attempt);
  }
  return found;
}

Result<core::BatchOwner> MemoryStore::claim_batch(std::string_view batch,
                                                  const core::BatchOwner& claimant) {
  return tables_.lock()->batches.emplace(batch, claimant).first->second;
}

Result<std::optional<WallTime>> MemoryStore::forget_batches(WallTime before) {
  auto tables = tables_.lock();
  std::erase_if(tables->batches, [before](const auto& at) { return at.second.since < before; });
  std::optional<WallTime> oldest;
  for (const core::BatchOwner& owner : tables->batches | std::views::values) {
    oldest = std::min(oldest.value_or(WallTime::max()), owner.since);
  }
  return oldest;
}

Result<void> MemoryStore::forget_journals(std::span<const std::uint64_t> journals) {
  auto tables = tables_.lock();
  for (const std::uint64_t journal : journals) tables->positions.erase(journal);
  return {};
}

Result<core::UsageTotals> MemoryStore::usage_totals(core::KeyId key) {
  auto tables = tables_.lock();
  BatchTotals totals;
  for (const Tables::Line& line : tables->ledger | std::views::values) {
    if (line.entry.key == key) totals.add(line.entry);
  }
  const core::UsageSums sums = totals.by_key()[key].sums;
  return core::UsageTotals{
      .usage = sums.usage, .cost = sums.cost, .requests = sums.requests - sums.refused};
}

Result<std::vector<core::Difference>> MemoryStore::check() {
  return std::vector<core::Difference>{};
}

Result<std::int64_t> MemoryStore::forget_entries(WallTime, std::size_t) {
  return 0;
}

Result<std::optional<WallTime>> MemoryStore::start_beyond(std::size_t rows) {
  auto tables = tables_.lock();
  std::vector<WallTime> starts;
  for (const Tables::Line& line : tables->ledger | std::views::values) {
    starts.push_back(line.entry.started);
  }
  if (starts.size() <= rows) return std::optional<WallTime>{};
  std::ranges::sort(starts, std::greater{});
  return starts[rows];
}

std::vector<core::LedgerEntry> MemoryStore::entries() {
  auto tables = tables_.lock();
  std::vector<core::LedgerEntry> all;
  for (const Tables::Line& line : tables->ledger | std::views::values) all.push_back(line.entry);
  return all;
}

}  // namespace relay::store
