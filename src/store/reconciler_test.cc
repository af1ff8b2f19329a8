#include "store/reconciler.h"

#include "store/ledger_writer.h"
#include "store/store_contract.h"

namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::KeyId;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

struct ReconcilerTest : StoreContract {
  static constexpr std::size_t segment = 64 * sizeof(JournalSlot);

  JournalDirectory journals = JournalDirectory::open(directory.path() / "journal").value();
  std::unique_ptr<Journal> journal =
      Journal::create(
          {.directory = journals.path(), .segment_bytes = segment, .backlog_bytes_max = segment})
          .value();
  std::uint32_t number = 0;

  void exchange() {
    const core::LedgerEntry made = entry(++number, KeyId{1}, {.input = 1});
    journal->close(journal->open(made).value(), made);
  }
  // As the ledger writer does.
  void store_all() {
    std::vector<core::LedgerEntry> entries;
    const std::size_t count = journal->collect(entries, 64);
    ASSERT_TRUE(append(entries, {journal->position_after(count)}));
    journal->release(count);
  }
  std::vector<core::Difference> differences() {
    const Journal* const all[] = {journal.get()};
    return reconcile(*store, all).value();
  }
};
INSTANTIATE_TEST_SUITE_P(Every, ReconcilerTest, every_store(), name_of_store);

TEST_P(ReconcilerTest, FindsNothingWrongWithWhatWaitsOrWasTaken) {
  EXPECT_THAT(differences(), IsEmpty());
  exchange();
  EXPECT_THAT(differences(), IsEmpty());
  store_all();
  exchange();
  EXPECT_THAT(differences(), IsEmpty());
}

TEST_P(ReconcilerTest, FindsNothingWrongBetweenACommitAndItsRelease) {
  exchange();
  std::vector<core::LedgerEntry> entries;
  ASSERT_TRUE(append(entries, {journal->position_after(journal->collect(entries, 64))}));
  EXPECT_THAT(differences(), IsEmpty());
}

// As after a backup was put in the place of the database.
TEST_P(ReconcilerTest, SeesAStoreThatHasLostWhatItHadTaken) {
  for (int i = 0; i < 3; ++i) exchange();
  store_all();
  const std::uint64_t id = journal->id();
  ASSERT_TRUE(store->forget_journals({{id}}));
  const std::vector<core::Difference> found = differences();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found.front().where, HasSubstr("journal"));
  EXPECT_EQ(found.front().excess, -3);
}

TEST_P(ReconcilerTest, SeesAStoreThatHasMoreThanHasEnded) {
  exchange();
  ASSERT_TRUE(append({}, {{.journal = journal->id(), .sequence = 5}}));
  const std::vector<core::Difference> found = differences();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().excess, 4);
}

TEST_P(ReconcilerTest, RemembersWhenItLookedAndWhatItFound) {
  Reconciler reconciler{*store, {journal.get()}, clock};
  EXPECT_FALSE(reconciler.last());
  clock.set_wall(WallTime{5s});
  reconciler.reconcile_once();
  ASSERT_TRUE(reconciler.last());
  EXPECT_EQ(reconciler.last()->at, WallTime{5s});
  EXPECT_EQ(reconciler.last()->differences, 0u);

  ASSERT_TRUE(append({}, {{.journal = journal->id(), .sequence = 5}}));
  reconciler.reconcile_once();
  EXPECT_EQ(reconciler.last()->differences, 1u);
}

TEST_P(ReconcilerTest, EndsAtOnceWhileItWaits) {
  const TimePoint before = std::chrono::steady_clock::now();
  {
    Reconciler reconciler{*store, {journal.get()}, clock};
    reconciler.start();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

}  // namespace
}  // namespace relay::store
