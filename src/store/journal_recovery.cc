#include "store/journal_recovery.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "base/limits.h"
#include "base/log.h"
#include "store/journal_slot.h"
#include "store/store_error.h"

namespace relay::store {

namespace fs = std::filesystem;
using core::JournalPosition;
using core::LedgerEntry;

namespace {

std::uint64_t position_of(std::span<const JournalPosition> positions, std::uint64_t journal) {
  const auto found = std::ranges::find(positions, journal, &JournalPosition::journal);
  return found == positions.end() ? 0 : found->sequence;
}

void note_journal(std::vector<std::uint64_t>& journals, std::uint64_t journal) {
  if (std::ranges::find(journals, journal) == journals.end()) journals.push_back(journal);
}

Result<std::vector<std::byte>> read_file(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  std::vector<std::byte> bytes(error ? 0 : size);
  std::ifstream file{path, std::ios::binary};
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (error || !file) return failure(ErrorCode::store_unavailable, "cannot read " + path.string());
  return bytes;
}

Result<void> keep_aside(const fs::path& path, std::span<const std::byte> damaged) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(reinterpret_cast<const char*>(damaged.data()),
             static_cast<std::streamsize>(damaged.size()));
  if (!file.flush()) return failure(ErrorCode::store_unavailable, "cannot write " + path.string());
  return {};
}

Result<bool> is_there(const fs::path& path) {
  std::error_code error;
  const bool found = fs::exists(path, error);
  if (!error) return found;
  return failure(ErrorCode::store_unavailable, "find " + path.string() + ": " + error.message());
}

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0) return {};
  return system_failure(ErrorCode::store_unavailable, "remove " + path.string());
}

Result<void> append_all(core::Store& store, std::span<const LedgerEntry> entries) {
  while (!entries.empty()) {
    const std::size_t count = std::min(entries.size(), limits::recovery_batch_entries_max);
    const Result<void> appended = store.append(entries.first(count), {});
    if (!appended) return appended;
    entries = entries.subspan(count);
  }
  return {};
}

Result<void> recover_segment(const fs::path& path, core::Store& store,
                             std::span<const JournalPosition> positions, RecoveryReport& report) {
  const Result<bool> found = is_there(path);
  if (!found) return std::unexpected(found.error());
  if (!*found) return {};  // Done before a failure.
  const auto bytes = read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  const RecoveredSegment segment = recover_slots(*bytes, positions);
  Result<void> done = append_all(store, segment.closed);
  if (done) done = append_all(store, segment.abandoned);
  if (done && !segment.damaged.empty()) {
    fs::path aside = path;
    done = keep_aside(aside.replace_extension(".corrupt"), segment.damaged);
    log_error(segment.of_another_version != 0
                  ? "a journal is of another version of relay-station, which has to take it to "
                    "the store: what cannot be read was kept aside"
                  : "a journal was damaged: what cannot be read was kept aside",
              {{"file", aside.string()}, {"bytes", segment.damaged.size()}});
  }
  if (done) done = remove_file(path);
  if (!done) return done;
  report.segments += 1;
  report.closed += segment.closed.size();
  report.abandoned += segment.abandoned.size();
  report.damaged += (segment.damaged.size() + sizeof(JournalSlot) - 1) / sizeof(JournalSlot);
  for (const std::uint64_t journal : segment.journals) note_journal(report.journals, journal);
  return {};
}

}  // namespace

RecoveredSegment recover_slots(std::span<const std::byte> segment,
                               std::span<const JournalPosition> positions) {
  RecoveredSegment recovered;
  while (!segment.empty()) {
    const auto bytes = segment.first(std::min(segment.size(), sizeof(JournalSlot)));
    segment = segment.subspan(bytes.size());
    JournalSlot slot{};
    std::memcpy(&slot, bytes.data(), bytes.size());
    SlotContents contents = read_slot(slot);
    if (contents.state == SlotState::damaged || contents.has_damaged_end) {
      recovered.damaged.insert(recovered.damaged.end(), bytes.begin(), bytes.end());
      recovered.of_another_version += is_of_another_version(slot) ? 1 : 0;
    }
    if (contents.journal != 0) note_journal(recovered.journals, contents.journal);
    if (contents.state == SlotState::open) recovered.abandoned.push_back(contents.entry);
    if (contents.state == SlotState::closed &&
        contents.closed > position_of(positions, contents.journal)) {
      recovered.closed.push_back(contents.entry);
    }
  }
  return recovered;
}

Result<RecoveryReport> recover(const JournalDirectory& directory, core::Store& store) {
  RecoveryReport report;
  if (directory.leftovers().empty()) return report;
  const auto positions = store.journal_positions();
  if (!positions) return std::unexpected(positions.error());
  for (const fs::path& path : directory.leftovers()) {
    const Result<void> done = recover_segment(path, store, *positions, report);
    if (!done) return std::unexpected(done.error());
  }
  const Result<void> forgotten = store.forget_journals(report.journals);
  if (!forgotten) return std::unexpected(forgotten.error());
  return report;
}

}  // namespace relay::store
