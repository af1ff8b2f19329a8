#include "store/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <cerrno>
#include <fstream>

#include "core/reservation.h"
#include "store/journal_directory.h"
#include "store/journal_recovery.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using core::KeyId;
using core::LedgerEntry;
using core::LedgerSlot;
using core::Usage;

// Eight slots to a segment, four segments.
constexpr std::size_t small_segment = 8 * sizeof(JournalSlot);

bool disk_is_full = false;
bool disk_is_broken = false;
int allocate(int file, off_t offset, off_t bytes) {
  return disk_is_full ? ENOSPC : ::posix_fallocate(file, offset, bytes);
}
int sync(void* memory, std::size_t bytes, int flags) {
  errno = EIO;
  return disk_is_broken ? -1 : ::msync(memory, bytes, flags);
}

// What a refused client is told: to ask less, or that it is not about how much is asked.
auto is_about(const char* cause) {
  return testing::AllOf(testing::Field(&Error::code, ErrorCode::overloaded),
                        testing::Field(&Error::message, testing::HasSubstr(cause)));
}
const auto is_about_storage = is_about("cannot record usage");
const auto is_about_too_many = is_about("Too many requests");

struct WorkingDisk {
  WorkingDisk() { disk_is_full = disk_is_broken = false; }
};

struct JournalTest : testing::Test {
  WorkingDisk disk;
  TemporaryDirectory directory;
  std::unique_ptr<Journal> journal =
      Journal::create({.directory = directory.path(),
                       .segment_bytes = small_segment,
                       .backlog_bytes_max = 4 * small_segment,
                       .disk = {.allocate = &allocate, .sync = &sync}})
          .value();
  std::uint32_t opened = 0;

  LedgerSlot open() { return journal->open(entry(++opened, KeyId{1})).value(); }
  // Until there is no more room. Returns how many there were.
  std::size_t open_all() {
    std::size_t count = 0;
    while (journal->open(entry(++opened, KeyId{1}))) ++count;
    return count;
  }
  void exchange(std::uint32_t number) {
    const LedgerSlot slot = journal->open(entry(number, KeyId{1})).value();
    journal->close(slot, entry(number, KeyId{1}, {.input = number}));
  }
  std::vector<LedgerEntry> collect(std::size_t entries_max = 1'000) {
    std::vector<LedgerEntry> entries;
    journal->collect(entries, entries_max);
    return entries;
  }
  // Puts memory without a file behind it where the journal has mapped its first one.
  void lose_first_page() const {
    std::ifstream maps{"/proc/self/maps"};
    std::uintptr_t begin = 0;
    for (std::string line; begin == 0 && std::getline(maps, line);) {
      if (line.contains(directory.path().string())) begin = std::stoull(line, nullptr, 16);
    }
    ASSERT_NE(begin, 0u);
    const File empty = open_private_file(directory.path() / "empty").value();
    std::filesystem::remove(directory.path() / "empty");
    ASSERT_NE(::mmap(reinterpret_cast<void*>(begin), small_segment, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_FIXED, empty.get(), 0),
              MAP_FAILED);
  }
  // Of the next exchange.
  Error refusal() const { return journal->open(entry(99, KeyId{1})).error(); }
  std::size_t files() const {
    const std::filesystem::directory_iterator all{directory.path()};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(JournalTest, GivesWhatWasClosedInTheOrderOfClosing) {
  const LedgerSlot one = open();
  const LedgerSlot two = open();
  const LedgerSlot three = open();
  journal->mark(three, owing({.input = 99}));
  EXPECT_TRUE(collect().empty());
  EXPECT_EQ(journal->entries_open(), 3u);

  journal->close(two, entry(2, KeyId{1}, {.input = 20}));
  journal->close(one, entry(1, KeyId{1}, {.input = 10}));
  EXPECT_EQ(journal->entries_open(), 1u);
  EXPECT_EQ(journal->entries_waiting(), 2u);
  const auto entries = collect();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_TRUE(same(entries[0], entry(2, KeyId{1}, {.input = 20})));
  EXPECT_TRUE(same(entries[1], entry(1, KeyId{1}, {.input = 10})));
  journal->close(three, entry(3, KeyId{1}));
}

TEST_F(JournalTest, GivesAnEntryUntilItIsReleased) {
  for (std::uint32_t number = 1; number <= 3; ++number) exchange(number);
  EXPECT_EQ(collect(2).size(), 2u);
  EXPECT_EQ(collect(2).size(), 2u);
  EXPECT_EQ(journal->position_after(2).sequence, 2u);
  EXPECT_EQ(journal->position_after(2).journal, journal->id());
  journal->release(2);
  ASSERT_EQ(collect().size(), 1u);
  EXPECT_EQ(collect()[0].attempt, attempt(3));
  EXPECT_EQ(journal->position_after(1).sequence, 3u);
}

TEST_F(JournalTest, UsesASlotAgainOnlyWhenItsEntryIsInTheStore) {
  std::vector<LedgerSlot> slots;
  slots.reserve(8);
  for (int i = 0; i < 8; ++i) slots.push_back(open());
  EXPECT_THAT(refusal(), is_about_too_many);
  for (std::uint32_t i = 0; i < 8; ++i) journal->close(slots[i], entry(i + 1, KeyId{1}));
  EXPECT_THAT(refusal(), is_about_storage) << "the store does not take them";
  journal->release(8);
  EXPECT_TRUE(journal->open(entry(9, KeyId{1})));
}

TEST_F(JournalTest, NeverGrowsWhileTheStoreKeepsUp) {
  for (std::uint32_t number = 1; number <= 1'000; ++number) {
    exchange(number);
    EXPECT_EQ(collect().at(0).attempt, attempt(number));
    journal->release(1);
    ASSERT_TRUE(journal->keep_room());
  }
  EXPECT_EQ(files(), 1u);
}

// One exchange that lasts for ever costs one slot, however many come and go.
TEST_F(JournalTest, IsNotHeldUpByALongExchange) {
  const LedgerSlot longest = open();
  for (std::uint32_t number = 2; number <= 1'000; ++number) {
    exchange(number);
    journal->release(1);
  }
  EXPECT_EQ(files(), 1u);
  journal->close(longest, entry(1, KeyId{1}));
}

TEST_F(JournalTest, GrowsBeforeTheLastSlotIsTakenAndStopsAtItsBound) {
  for (int i = 0; i < 5; ++i) open();
  ASSERT_TRUE(journal->keep_room());
  EXPECT_EQ(files(), 2u);
  for (int round = 0; round < 10; ++round) {
    open_all();
    EXPECT_TRUE(journal->keep_room());
  }
  EXPECT_EQ(files(), 4u);
  EXPECT_EQ(journal->entries_open(), 32u);
}

TEST_F(JournalTest, RefusesTheNextExchangeAndNoOtherWhenTheDiskIsFull) {
  disk_is_full = true;
  EXPECT_EQ(open_all(), 8u) << "the first segment was there before";
  const auto kept = journal->keep_room();
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::overloaded);
  EXPECT_THAT(kept.error().detail, testing::HasSubstr("No space left on device"));
  EXPECT_EQ(files(), 1u) << "nothing half made is left";
  EXPECT_EQ(open_all(), 0u);
  EXPECT_THAT(refusal(), is_about_storage);

  disk_is_full = false;
  EXPECT_TRUE(journal->keep_room());
  EXPECT_EQ(open_all(), 8u);
  EXPECT_THAT(refusal(), is_about_too_many);
}

TEST_F(JournalTest, CannotBeMadeOnAFullDisk) {
  disk_is_full = true;
  const auto made = Journal::create(
      {.directory = directory.path(), .disk = {.allocate = &allocate, .sync = &sync}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::overloaded);
}

// After a failed sync nobody knows what is on the disk, and asking again is no proof.
TEST_F(JournalTest, TakesANewFileAfterAFailedSyncAndDropsTheOldWhenItIsDoneWith) {
  const LedgerSlot live = open();
  disk_is_broken = true;
  EXPECT_FALSE(journal->sync());
  disk_is_broken = false;
  EXPECT_THAT(refusal(), is_about_storage);
  ASSERT_TRUE(journal->keep_room());
  EXPECT_EQ(files(), 2u);
  EXPECT_TRUE(journal->sync());

  exchange(2);
  journal->mark(live, owing({.input = 5}));
  journal->close(live, entry(1, KeyId{1}, {.input = 6}));
  ASSERT_EQ(collect().size(), 2u);
  EXPECT_EQ(collect()[1].usage.input, 6);
  journal->release(2);
  exchange(3);
  ASSERT_TRUE(journal->keep_room());
  EXPECT_EQ(files(), 1u);
}

TEST_F(JournalTest, IsDurableOnceItIsSyncedOrInTheStore) {
  exchange(1);
  exchange(2);
  EXPECT_FALSE(journal->is_durable(1));
  journal->release(1);
  EXPECT_TRUE(journal->is_durable(1));
  EXPECT_FALSE(journal->is_durable(2));
  ASSERT_TRUE(journal->sync());
  EXPECT_TRUE(journal->is_durable(2));
  exchange(3);
  EXPECT_FALSE(journal->is_durable(3));
}

// What ended where a sync has failed may not be on the disk, whatever a later one says of the rest.
TEST_F(JournalTest, IsDurableByTheStoreAloneWhileSomethingLiesWhereASyncHasFailed) {
  const LedgerSlot live = open();
  disk_is_broken = true;
  ASSERT_FALSE(journal->sync());
  disk_is_broken = false;
  ASSERT_TRUE(journal->keep_room());
  journal->close(live, entry(1, KeyId{1}));
  exchange(2);
  ASSERT_TRUE(journal->sync());
  EXPECT_FALSE(journal->is_durable(1));
  journal->release(1);
  EXPECT_TRUE(journal->is_durable(1));
  EXPECT_FALSE(journal->is_durable(2));

  exchange(3);  // The loop finds that it needs the failed file no more.
  ASSERT_TRUE(journal->keep_room());
  ASSERT_TRUE(journal->sync());
  EXPECT_TRUE(journal->is_durable(3));
}

TEST_F(JournalTest, BeginsNothingWhileItIsStalled) {
  const LedgerSlot live = open();
  journal->set_stalled(true);
  EXPECT_THAT(refusal(), is_about_storage);
  journal->close(live, entry(1, KeyId{1}));
  journal->set_stalled(false);
  open();
}

// As on a full disk that copies on write: a store to memory meets a page without a block.
TEST_F(JournalTest, BeginsNothingOnAPageThatCannotBeWrittenAndLosesNothing) {
  const LedgerSlot live = open();
  lose_first_page();
  EXPECT_THAT(refusal(), is_about_storage);
  EXPECT_THAT(refusal(), is_about_storage) << "and of every later one";
  EXPECT_EQ(journal->entries_open(), 1u);
  EXPECT_FALSE(journal->sync());
  ASSERT_TRUE(journal->keep_room());
  EXPECT_TRUE(journal->sync()) << "the new file";

  exchange(2);
  journal->mark(live, owing({.input = 5}));
  journal->close(live, entry(1, KeyId{1}, {.input = 6}));
  ASSERT_EQ(collect().size(), 2u);
  EXPECT_EQ(collect()[1].usage.input, 6);
  journal->release(2);
  exchange(3);
  ASSERT_TRUE(journal->keep_room());
  EXPECT_EQ(files(), 1u);
}

TEST_F(JournalTest, SettlesWhatIsOpenOnAPageThatCannotBeWritten) {
  const LedgerSlot live = open();
  lose_first_page();
  journal->close(live, entry(1, KeyId{1}, {.input = 6}));
  ASSERT_EQ(collect().size(), 1u);
  EXPECT_TRUE(same(collect()[0], entry(1, KeyId{1}, {.input = 6})));
  EXPECT_FALSE(journal->open(entry(2, KeyId{1})));
}

TEST_F(JournalTest, RecoversWhenTheDiskDoesHoweverOftenItFailed) {
  for (std::uint32_t round = 1; round <= 20; ++round) {
    disk_is_broken = true;
    EXPECT_FALSE(journal->sync());
    disk_is_broken = false;
    ASSERT_TRUE(journal->keep_room());
    EXPECT_TRUE(journal->sync());
    exchange(round);
    ASSERT_EQ(collect().size(), 1u);
    journal->release(1);
    EXPECT_LE(files(), 2u);
  }
}

TEST_F(JournalTest, RemovesItsFilesOnlyWhenNothingInThemIsNeeded) {
  const LedgerSlot slot = open();
  EXPECT_FALSE(journal->remove_if_done());
  journal->close(slot, entry(1, KeyId{1}));
  EXPECT_FALSE(journal->remove_if_done());
  EXPECT_EQ(files(), 1u);
  journal->release(1);
  EXPECT_TRUE(journal->remove_if_done());
  EXPECT_EQ(files(), 0u);
}

TEST_F(JournalTest, AllocatesNothingInTheSteadyState) {
  exchange(1);
  journal->release(1);
  const LedgerEntry begun = entry(2, KeyId{1});
  const std::size_t before = ::mallinfo2().uordblks;
  for (int i = 0; i < 1'000; ++i) {
    const auto slot = journal->open(begun);
    journal->mark(*slot, owing({.input = 1}));
    journal->close(*slot, begun);
    journal->release(1);
  }
  EXPECT_EQ(::mallinfo2().uordblks, before);
}

TEST_F(JournalTest, ChargesAReservationThatIsForgotten) {
  {
    core::Reservation reservation{*journal, open(), entry(1, KeyId{1}),
                                  std::make_shared<core::PriceTable>()};
    reservation.mark({.input = 3, .output = 4});
  }
  ASSERT_EQ(collect().size(), 1u);
  EXPECT_EQ(collect()[0].usage, (Usage{.input = 3, .output = 4}));
}

TEST(JournalDirectory, RefusesASecondProcess) {
  const TemporaryDirectory parent;
  const auto path = parent.path() / "data" / "journal";
  const auto first = JournalDirectory::open(path);
  ASSERT_TRUE(first);
  const auto second = JournalDirectory::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_THAT(second.error().detail, testing::HasSubstr("is in use by process"));
}

TEST(JournalDirectory, FindsWhatWasLeftBehind) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(JournalDirectory::open(directory.path()).value().leftovers().empty());
  Journal::create({.directory = directory.path(), .segment_bytes = small_segment}).value().reset();
  EXPECT_EQ(JournalDirectory::open(directory.path()).value().leftovers().size(), 1u);
}

}  // namespace
}  // namespace relay::store
