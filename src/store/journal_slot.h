#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/limits.h"
#include "core/ledger.h"

namespace relay::store {

// The place of one exchange in a journal, from begin to end: 512 bytes of mapped memory, which are
// also its form on disk. All that can be torn or rot is under a CRC-32C, and every CRC covers
// `opened`, so that what a former exchange left in the slot never passes for the present one's.
//
// Numbers are little-endian. A change of this layout is a change of `magic`.
struct JournalSlot {
  static constexpr std::uint32_t magic = 0x324a4c52;  // "RLJ2"

  // What an exchange costs, and why.
  struct Owed {
    std::int64_t cost;
    std::array<std::uint32_t, 5> counts;  // In the order of core::Usage.
    std::int32_t web_searches;
    std::uint32_t price_version;
    std::uint8_t tier;
    std::uint8_t geo;
    std::uint8_t is_fast;
    std::uint8_t flags;  // 1: estimated. 2: unpriced.
  };

  // What is known before the upstream is asked.
  struct Begin {
    std::uint32_t state;  // magic: there is an exchange. 0: there is none, or it is being written.
    std::uint32_t crc;    // Of all that follows here.
    std::uint64_t journal;
    std::uint64_t opened;  // Counts the exchanges that this journal began.
    core::AttemptId attempt;
    std::int64_t key;
    std::int64_t started;
    std::int64_t held;
    Address client;
    ShortText<63> model;
    core::RequestId request;
    std::uint8_t endpoint;
    std::uint8_t is_stream;
    std::uint8_t reserved;
  };

  // What is owed so far. Two take turns: when one is torn, the other still stands.
  struct Mark {
    std::uint32_t crc;
    std::uint32_t turn;  // The higher one is the later. 0: never marked.
    Owed owed;
  };

  struct End {
    std::uint64_t closed;  // Counts the exchanges that this journal ended. 0: not yet.
    std::uint32_t crc;     // Of all that follows here, and of `closed`.
    std::uint16_t status;
    std::uint8_t delivery;
    std::uint8_t attempts;
    std::uint32_t first_byte_ms;
    std::uint32_t duration_ms;
    Owed owed;
    ShortText<63> served_model;
    ShortText<31> upstream;
    ShortText<47> upstream_request;
  };

  Begin begin;
  std::array<Mark, 2> marks;
  End end;
  std::array<std::uint64_t, 4> reserved;
};
static_assert(sizeof(JournalSlot) == 512);  // One sector; no slot lies in two pages.
static_assert(std::is_trivially_copyable_v<JournalSlot>);
static_assert(std::has_unique_object_representations_v<JournalSlot>);  // No byte is padding.
static_assert(std::endian::native == std::endian::little);
static_assert(limits::tokens_per_count_max <= UINT32_MAX);

// Writing. In such an order that the process may be killed between any two instructions: then the
// slot says what it said before, or what it says now.

// Also marks what `begun` owes.
void write_begin(JournalSlot& slot, std::uint64_t journal, std::uint64_t opened,
                 const core::LedgerEntry& begun) noexcept;
// usage, terms, cost, price_version and is_unpriced of `so_far`.
void write_mark(JournalSlot& slot, const core::LedgerEntry& so_far) noexcept;
void write_end(JournalSlot& slot, std::uint64_t closed, const core::LedgerEntry& ended) noexcept;

// The entry of a slot that this process has begun and ended.
core::LedgerEntry ended_entry(const JournalSlot& slot) noexcept;

// Reading, after a crash: a slot may hold anything.

enum class SlotState : std::uint8_t {
  empty,
  open,    // Begun, not ended: `entry` is abandoned, charged as last marked, and estimated.
  closed,  // `entry` is as it was ended.
  damaged  // There is something, but not an exchange.
};

struct SlotContents {
  SlotState state = SlotState::empty;
  bool has_damaged_end = false;  // The end cannot be read, so it counts as open.
  std::uint64_t journal = 0;
  std::uint64_t closed = 0;
  core::LedgerEntry entry = {};
};

SlotContents read_slot(const JournalSlot& slot) noexcept;

// Whether a damaged slot looks like one that another version of the relay has written.
bool is_of_another_version(const JournalSlot& slot) noexcept;

}  // namespace relay::store
