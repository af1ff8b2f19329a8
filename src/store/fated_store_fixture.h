#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string_view>

#include "store/fated_disk_fixture.h"
#include "store/memory_store.h"
#include "store/store_error.h"

namespace relay::store {

// A store that is told how its calls end. One with sums of its own may be told the same.
class FatedStore final : public MemoryStore {
 public:
  FatedStore(const Clock& clock, Meanwhile& meanwhile)
      : MemoryStore{clock}, meanwhile_{meanwhile} {}

  void tell_as_well(std::unique_ptr<core::Store> other) { other_ = std::move(other); }
  [[nodiscard]] core::Store* other() const { return other_.get(); }

  Result<void> append(std::span<const core::LedgerEntry> entries,
                      std::span<const core::JournalPosition> positions) override {
    expect_nothing_old(entries, !positions.empty());
    return change(fmt::format("append {}", entries.size()), [&]() -> Result<void> {
      if (other_ != nullptr) {
        const Result<void> appended = other_->append(entries, positions);
        EXPECT_TRUE(appended) << appended.error().detail;
      }
      for (const core::LedgerEntry& entry : entries) {
        if (!positions.empty()) counted_.insert(entry.attempt);
      }
      return MemoryStore::append(entries, positions);
    });
  }
  Result<std::vector<core::JournalPosition>> journal_positions() override {
    if (meanwhile_.before("positions") != Fate::done) return unavailable();
    return MemoryStore::journal_positions();
  }
  Result<void> forget_journals(std::span<const std::uint64_t> journals) override {
    return change("forget", [&] { return MemoryStore::forget_journals(journals); });
  }

 private:
  static std::unexpected<Error> unavailable() {
    return failure(ErrorCode::store_unavailable, "as it was told");
  }

  Result<void> change(std::string_view call, const auto& commit) {
    const Fate fate = meanwhile_.before(call);
    if (fate == Fate::failed) return unavailable();
    Result<void> done = commit();
    meanwhile_.after();
    if (fate == Fate::unknown) return unavailable();
    return done;
  }

  // A store may forget entries, and then could not tell that it had them: so recovery may not bring
  // what a position says is there. Estimates are what was open, which has no position.
  void expect_nothing_old(std::span<const core::LedgerEntry> entries, bool is_counted) const {
    if (is_counted) return;
    for (const core::LedgerEntry& entry : entries) {
      if (entry.usage.is_estimated) continue;
      EXPECT_FALSE(counted_.contains(entry.attempt)) << "recovered though the store has it";
    }
  }

  Meanwhile& meanwhile_;
  std::unique_ptr<core::Store> other_;
  std::set<core::AttemptId> counted_;  // Came with a position.
};

}  // namespace relay::store
