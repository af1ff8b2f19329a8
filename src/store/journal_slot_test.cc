#include "store/journal_slot.h"

#include <gtest/gtest.h>

#include <cstring>

#include "store/store_fixture.h"

namespace relay::store {
namespace {

using core::Delivery;
using core::KeyId;
using core::LedgerEntry;
using core::Usage;

constexpr Usage first_marked{.input = 10, .output = 1};
constexpr Usage last_marked{.input = 10,
                            .output = 200,
                            .cache_write_5m = 3,
                            .cache_write_1h = 4,
                            .cache_read = 5,
                            .web_searches = 6};
constexpr Usage settled{.input = 11,
                        .output = 222,
                        .cache_write_5m = 3,
                        .cache_write_1h = 4,
                        .cache_read = 5,
                        .web_searches = 7,
                        .is_estimated = true};

JournalSlot open_slot() {
  JournalSlot slot{};
  write_begin(slot, 77, 5, entry(1, KeyId{9}, first_marked));
  return slot;
}

JournalSlot closed_slot() {
  JournalSlot slot = open_slot();
  write_mark(slot, owing(last_marked));
  write_end(slot, 4, entry(1, KeyId{9}, settled));
  return slot;
}

std::span<std::byte> bytes_of(JournalSlot& slot) {
  return std::as_writable_bytes(std::span{&slot, 1});
}

TEST(JournalSlot, IsEmptyAsTheDiskMadeIt) {
  EXPECT_EQ(read_slot(JournalSlot{}).state, SlotState::empty);
}

TEST(JournalSlot, GivesBackEveryMemberOfAClosedEntry) {
  const JournalSlot slot = closed_slot();
  const SlotContents contents = read_slot(slot);
  EXPECT_EQ(contents.state, SlotState::closed);
  EXPECT_EQ(contents.journal, 77u);
  EXPECT_EQ(contents.closed, 4u);
  EXPECT_FALSE(contents.has_damaged_end);
  EXPECT_TRUE(same(contents.entry, entry(1, KeyId{9}, settled)));
  EXPECT_TRUE(same(ended_entry(slot), entry(1, KeyId{9}, settled)));
}

TEST(JournalSlot, TellsAnotherVersionFromDamage) {
  JournalSlot slot = closed_slot();
  EXPECT_FALSE(is_of_another_version(slot));
  slot.begin.state = 0x314a4c52;  // "RLJ1"
  EXPECT_EQ(read_slot(slot).state, SlotState::damaged);
  EXPECT_TRUE(is_of_another_version(slot));
  slot.begin.state = 0x12345678;
  EXPECT_FALSE(is_of_another_version(slot));
}

TEST(JournalSlot, HoldsNoMoreTokensThanItHasRoomFor) {
  JournalSlot slot = open_slot();
  write_mark(slot, owing({.input = -5, .output = 1'000'000'000'000}));
  EXPECT_EQ(read_slot(slot).entry.usage.input, 0);
  EXPECT_EQ(read_slot(slot).entry.usage.output, UINT32_MAX);
}

TEST(JournalSlot, KeepsTheLongestTextsWhole) {
  LedgerEntry long_texts = entry(1, KeyId{9});
  const std::string text(100, 'x');
  long_texts.request = std::string_view{text};
  long_texts.model = std::string_view{text};
  long_texts.served_model = std::string_view{text};
  long_texts.upstream = std::string_view{text};
  long_texts.upstream_request = std::string_view{text};
  JournalSlot slot{};
  write_begin(slot, 77, 5, long_texts);
  write_end(slot, 4, long_texts);
  EXPECT_TRUE(same(read_slot(slot).entry, long_texts));
}

TEST(JournalSlot, OwesWhatWasLastMarkedWhileItIsOpen) {
  JournalSlot slot = open_slot();
  EXPECT_EQ(read_slot(slot).state, SlotState::open);
  EXPECT_EQ(read_slot(slot).entry.usage.output, 1) << "what it began with";
  for (int output = 2; output < 50; ++output) {
    write_mark(slot, owing({.input = 10, .output = output}));
    const LedgerEntry owed = read_slot(slot).entry;
    EXPECT_EQ(owed.usage, (Usage{.input = 10, .output = output, .is_estimated = true}));
    EXPECT_EQ(owed.delivery, Delivery::abandoned);
    EXPECT_EQ(owed.cost, 1'000 * output);
    EXPECT_EQ(owed.price_version, 0x1234'5678u);
    EXPECT_EQ(owed.terms.geo, core::InferenceGeo::us);
    EXPECT_EQ(owed.attempt, attempt(1));
    EXPECT_EQ(owed.model.view(), "claude-sonnet-4-5");
  }
}

// The process may be killed after any byte of a mark was copied.
TEST(JournalSlot, OwesTheMarkBeforeATornOne) {
  JournalSlot before = open_slot();
  write_mark(before, owing(first_marked));
  JournalSlot after = before;
  write_mark(after, owing(last_marked));
  for (std::size_t size = 0; size <= sizeof(JournalSlot); ++size) {
    JournalSlot torn = before;
    std::ranges::copy(bytes_of(after).first(size), bytes_of(torn).begin());
    const Usage owed = read_slot(torn).entry.usage;
    EXPECT_TRUE(owed.output == first_marked.output || owed.output == last_marked.output) << size;
    EXPECT_EQ(owed.input, 10);
    EXPECT_EQ(read_slot(torn).state, SlotState::open);
  }
}

TEST(JournalSlot, IsOpenOrClosedHoweverItsEndIsTorn) {
  JournalSlot before = open_slot();
  write_mark(before, owing(last_marked));
  JournalSlot after = closed_slot();
  for (std::size_t size = 0; size <= sizeof(JournalSlot); ++size) {
    JournalSlot torn = before;
    std::ranges::copy(bytes_of(after).first(size), bytes_of(torn).begin());
    const SlotContents contents = read_slot(torn);
    const Usage expected = contents.state == SlotState::closed ? settled : last_marked;
    EXPECT_EQ(contents.entry.usage.output, expected.output) << size;
    EXPECT_NE(contents.state, SlotState::damaged);
  }
}

TEST(JournalSlot, NeverTakesTheEndOrTheMarksOfAFormerExchange) {
  JournalSlot slot = closed_slot();
  write_mark(slot, owing(last_marked));
  const JournalSlot former = slot;
  write_begin(slot, 77, 6, entry(2, KeyId{8}));
  SlotContents contents = read_slot(slot);
  EXPECT_EQ(contents.state, SlotState::open);
  EXPECT_EQ(contents.entry.attempt, attempt(2));
  EXPECT_EQ(contents.entry.usage, Usage{.is_estimated = true});

  // As a disk might have it after a loss of power: the new begin, and the rest of the former one.
  JournalSlot mixed = former;
  mixed.begin = slot.begin;
  contents = read_slot(mixed);
  EXPECT_EQ(contents.state, SlotState::open);
  EXPECT_TRUE(contents.has_damaged_end);
  EXPECT_EQ(contents.entry.usage, Usage{.is_estimated = true});
}

TEST(JournalSlot, IsNeverAnotherExchangeWithOneBitFlipped) {
  const JournalSlot whole = closed_slot();
  const LedgerEntry exact = entry(1, KeyId{9}, settled);
  for (std::size_t bit = 0; bit < 8 * sizeof(JournalSlot); ++bit) {
    JournalSlot flipped = whole;
    bytes_of(flipped)[bit / 8] ^= std::byte{1} << (bit % 8);
    const SlotContents contents = read_slot(flipped);
    switch (contents.state) {
      case SlotState::empty: ADD_FAILURE() << "lost without a word, bit " << bit; break;
      case SlotState::closed: EXPECT_TRUE(same(contents.entry, exact)) << bit; break;
      case SlotState::open:
        EXPECT_EQ(contents.entry.attempt, exact.attempt);
        EXPECT_TRUE(contents.entry.usage.is_estimated);
        EXPECT_EQ(contents.entry.usage.output, last_marked.output) << bit;
        break;
      case SlotState::damaged: break;
    }
  }
}

TEST(JournalSlot, OwesNoMoreThanWasMarkedWithOneBitFlippedWhileOpen) {
  JournalSlot whole = open_slot();
  write_mark(whole, owing(last_marked));
  for (std::size_t bit = 0; bit < 8 * sizeof(JournalSlot); ++bit) {
    JournalSlot flipped = whole;
    bytes_of(flipped)[bit / 8] ^= std::byte{1} << (bit % 8);
    const SlotContents contents = read_slot(flipped);
    EXPECT_TRUE(contents.state == SlotState::open || contents.state == SlotState::damaged) << bit;
    if (contents.state != SlotState::open) continue;
    EXPECT_EQ(contents.entry.key, KeyId{9});
    EXPECT_TRUE(contents.entry.usage.output == first_marked.output ||
                contents.entry.usage.output == last_marked.output)
        << bit;
  }
}

}  // namespace
}  // namespace relay::store
