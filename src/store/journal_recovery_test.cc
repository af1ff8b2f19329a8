#include "store/journal_recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include "store/journal.h"
#include "store/journal_slot.h"
#include "store/memory_store.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

using core::Delivery;
using core::JournalPosition;
using core::KeyId;
using core::LedgerEntry;
using core::Usage;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t records = 200;
constexpr std::uint64_t journal_id = 77;

bool stays_open(std::uint32_t number) {
  return number % 4 == 3;
}
Usage usage_of(std::uint32_t number) {
  return {.input = 1'000 + number, .output = number};
}

// Record `number` of the journal: closed as the number+1st, or open and marked.
LedgerEntry expected(std::uint32_t number) {
  LedgerEntry made = entry(number, KeyId{1 + number % 3}, usage_of(number));
  if (!stays_open(number)) return made;
  made.usage.is_estimated = true;
  return made;
}

std::vector<JournalSlot> journal_of_200() {
  std::vector<JournalSlot> slots(records);
  for (std::uint32_t number = 0; number < records; ++number) {
    const LedgerEntry whole = entry(number, KeyId{1 + number % 3}, usage_of(number));
    write_begin(slots[number], journal_id, number + 1, entry(number, whole.key, {.input = 1'000}));
    write_mark(slots[number], owing(usage_of(number)));
    if (!stays_open(number)) write_end(slots[number], number + 1, whole);
  }
  return slots;
}

std::span<const std::byte> bytes_of(const std::vector<JournalSlot>& slots) {
  return std::as_bytes(std::span{slots});
}

std::uint32_t number_of(const LedgerEntry& entry) {
  const auto& id = entry.attempt.bytes;
  return std::uint32_t{id[2]} * 256 + id[3];
}

void expect_right(const LedgerEntry& found, bool is_closed) {
  const LedgerEntry right = expected(number_of(found));
  if (is_closed) {
    EXPECT_TRUE(same(found, right)) << to_string(found.attempt);
    return;
  }
  EXPECT_EQ(found.attempt, right.attempt);
  EXPECT_EQ(found.key, right.key);
  EXPECT_EQ(found.delivery, Delivery::abandoned);
  EXPECT_TRUE(found.usage.is_estimated);
  EXPECT_LE(found.usage.output, right.usage.output);
}

TEST(JournalRecovery, GivesWhatWasClosedAndWhatIsOwedForTheRest) {
  const auto recovered = recover_slots(bytes_of(journal_of_200()), {});
  EXPECT_EQ(recovered.closed.size(), 150u);
  EXPECT_EQ(recovered.abandoned.size(), 50u);
  EXPECT_THAT(recovered.journals, ElementsAre(journal_id));
  EXPECT_THAT(recovered.damaged, IsEmpty());
  for (const LedgerEntry& entry : recovered.closed) expect_right(entry, true);
  for (const LedgerEntry& entry : recovered.abandoned) {
    expect_right(entry, false);
    EXPECT_EQ(entry.usage, expected(number_of(entry)).usage);
  }
}

TEST(JournalRecovery, LeavesOutWhatTheStoreHas) {
  const std::vector<JournalPosition> positions = {{.journal = 5, .sequence = 1'000},
                                                  {.journal = journal_id, .sequence = 100}};
  const auto recovered = recover_slots(bytes_of(journal_of_200()), positions);
  EXPECT_EQ(recovered.closed.size(), 75u);
  for (const LedgerEntry& entry : recovered.closed) EXPECT_GE(number_of(entry), 100u);
  EXPECT_EQ(recovered.abandoned.size(), 50u) << "open ones have no position";
}

TEST(JournalRecovery, KeepsEveryRecordBeforeACut) {
  const auto slots = journal_of_200();
  for (std::size_t whole = 0; whole <= records; ++whole) {
    const auto recovered = recover_slots(bytes_of(slots).first(whole * sizeof(JournalSlot)), {});
    ASSERT_EQ(recovered.closed.size() + recovered.abandoned.size(), whole);
    for (const LedgerEntry& entry : recovered.closed) expect_right(entry, true);
    for (const LedgerEntry& entry : recovered.abandoned) expect_right(entry, false);
  }
}

// The record that is cut and the one before it: those further up do not depend on the cut.
TEST(JournalRecovery, KeepsTheIntactPrefixWhereverTheFileIsCut) {
  const auto slots = journal_of_200();
  for (std::size_t size = 0; size < bytes_of(slots).size(); ++size) {
    const std::size_t cut = size / sizeof(JournalSlot);
    const std::size_t before = cut == 0 ? 0 : cut - 1;
    const std::size_t first = before * sizeof(JournalSlot);
    const auto recovered = recover_slots(bytes_of(slots).subspan(first, size - first), {});
    const std::size_t found = recovered.closed.size() + recovered.abandoned.size();
    ASSERT_GE(found, cut - before) << size;
    ASSERT_LE(found, cut - before + 1) << size;
    for (const LedgerEntry& entry : recovered.closed) expect_right(entry, true);
    for (const LedgerEntry& entry : recovered.abandoned) expect_right(entry, false);
  }
}

// A slot stands for itself, so a flip is tried on the slot that it is in.
TEST(JournalRecovery, NeverMakesAnotherEntryOfAnyFlippedBit) {
  const auto slots = journal_of_200();
  for (const JournalSlot& slot : slots) {
    std::vector<JournalSlot> flipped = {slot};
    const auto bytes = std::as_writable_bytes(std::span{flipped});
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      bytes[bit / 8] ^= std::byte{1} << (bit % 8);
      const auto recovered = recover_slots(bytes, {});
      const std::size_t found = recovered.closed.size() + recovered.abandoned.size();
      ASSERT_TRUE(found == 1 || (found == 0 && recovered.damaged.size() == bytes.size())) << bit;
      for (const LedgerEntry& entry : recovered.closed) expect_right(entry, true);
      for (const LedgerEntry& entry : recovered.abandoned) expect_right(entry, false);
      bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    }
  }
}

TEST(JournalRecovery, LosesAtMostOneRecordToADamagedSector) {
  const std::uint32_t seed = std::random_device{}();
  std::mt19937 random{seed};
  const auto slots = journal_of_200();
  for (int round = 0; round < 200; ++round) {
    auto damaged = slots;
    const auto bytes = std::as_writable_bytes(std::span{damaged});
    const std::size_t victim = random() % records;
    for (std::size_t i = 0; i < sizeof(JournalSlot); ++i) {
      bytes[victim * sizeof(JournalSlot) + i] = static_cast<std::byte>(random());
    }
    const auto recovered = recover_slots(bytes, {});
    EXPECT_EQ(recovered.closed.size() + recovered.abandoned.size(), records - 1) << seed;
    EXPECT_EQ(recovered.damaged.size(), sizeof(JournalSlot)) << seed;
    for (const LedgerEntry& entry : recovered.closed) expect_right(entry, true);
  }
}

struct JournalRecoveryTest : testing::Test {
  TemporaryDirectory directory;
  MemoryStore store;

  void write(const std::string& name, std::span<const std::byte> bytes) {
    std::ofstream file{directory.path() / name, std::ios::binary};
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  RecoveryReport recover_all() {
    const JournalDirectory opened = JournalDirectory::open(directory.path()).value();
    return recover(opened, store).value();
  }
  bool exists(const std::string& name) { return std::filesystem::exists(directory.path() / name); }
};

TEST_F(JournalRecoveryTest, TakesEverySegmentToTheStoreAndRemovesIt) {
  write("a.journal", bytes_of(journal_of_200()));
  std::vector<JournalSlot> more(1);
  write_begin(more[0], 78, 1, entry(500, KeyId{9}));
  write_end(more[0], 1, entry(500, KeyId{9}));
  write("b.journal", bytes_of(more));
  ASSERT_TRUE(store.append({}, std::vector{JournalPosition{journal_id, 50}}));

  const RecoveryReport report = recover_all();
  EXPECT_EQ(report.segments, 2u);
  EXPECT_EQ(report.closed, 150u - 38u + 1u);
  EXPECT_EQ(report.abandoned, 50u);
  EXPECT_EQ(report.damaged, 0u);
  EXPECT_EQ(store.entries().size(), 163u);
  EXPECT_THAT(store.journal_positions().value(), IsEmpty());
  EXPECT_FALSE(exists("a.journal"));
  EXPECT_FALSE(exists("b.journal"));
  EXPECT_EQ(recover_all().segments, 0u);
}

// Killed while recovering: everything is there again.
TEST_F(JournalRecoveryTest, ChargesOnceHoweverOftenItIsRepeated) {
  for (int round = 0; round < 3; ++round) {
    write("a.journal", bytes_of(journal_of_200()));
    recover_all();
    EXPECT_EQ(store.entries().size(), 200u);
  }
}

// A slot that waits to be used again holds an entry that was stored long ago, and the store may
// have forgotten it since.
TEST_F(JournalRecoveryTest, KnowsWhatTheStoreHadUntilTheLastSegmentOfAJournalIsDone) {
  write("a.journal", bytes_of(journal_of_200()));
  std::filesystem::create_directory(directory.path() / "b.journal");  // Which cannot be read.
  ASSERT_TRUE(store.append({}, std::vector{JournalPosition{journal_id, records}}));
  const JournalDirectory opened = JournalDirectory::open(directory.path()).value();
  ASSERT_FALSE(recover(opened, store));
  EXPECT_FALSE(exists("a.journal"));

  std::filesystem::remove(directory.path() / "b.journal");
  write("b.journal", bytes_of(journal_of_200()));
  EXPECT_EQ(recover(opened, store).value().closed, 0u);
  EXPECT_THAT(store.journal_positions().value(), IsEmpty());
}

TEST_F(JournalRecoveryTest, KeepsAsideWhatItCannotRead) {
  auto slots = journal_of_200();
  std::ranges::fill(std::as_writable_bytes(std::span{slots}.subspan(10, 1)), std::byte{0x55});
  write("a.journal", bytes_of(slots));
  EXPECT_EQ(recover_all().damaged, 1u);
  EXPECT_EQ(store.entries().size(), 199u);
  EXPECT_FALSE(exists("a.journal"));
  ASSERT_TRUE(exists("a.corrupt"));
  EXPECT_EQ(std::filesystem::file_size(directory.path() / "a.corrupt"), sizeof(JournalSlot));
}

TEST_F(JournalRecoveryTest, FindsNothingInAJournalThatWasNeverUsed) {
  Journal::create({.directory = directory.path()}).value().reset();
  const RecoveryReport report = recover_all();
  EXPECT_EQ(report.segments, 1u);
  EXPECT_EQ(report.closed + report.abandoned + report.damaged, 0u);
}

}  // namespace
}  // namespace relay::store
