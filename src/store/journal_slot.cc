#include "store/journal_slot.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <span>

#include "base/crc.h"

namespace relay::store {

using core::LedgerEntry;
using core::Usage;

namespace {

// The compiler must keep what is before this before what is after it. The processor needs no
// telling: a killed process has run its instructions up to one and none after it.
void in_this_order() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// Of the bytes of `part` from `first` on.
template <typename Part, typename Member>
std::uint32_t crc_from(const Part& part, const Member& first, std::uint32_t seed) noexcept {
  const auto bytes = std::as_bytes(std::span{&part, 1});
  const auto offset = reinterpret_cast<const std::byte*>(&first) - bytes.data();
  return crc32c(bytes.subspan(static_cast<std::size_t>(offset)), seed);
}

std::uint32_t crc_of(std::uint64_t number, std::uint32_t seed = 0) noexcept {
  return crc32c(std::as_bytes(std::span{&number, 1}), seed);
}

std::uint32_t crc_of(const JournalSlot::Begin& begin) noexcept {
  return crc_from(begin, begin.journal, JournalSlot::magic);
}
std::uint32_t crc_of(const JournalSlot::Mark& mark, const JournalSlot::Begin& begin) noexcept {
  return crc_from(mark, mark.turn, crc_of(begin.opened));
}
std::uint32_t crc_of(const JournalSlot::End& end, const JournalSlot::Begin& begin) noexcept {
  return crc_from(end, end.status, crc_of(end.closed, crc_of(begin.opened)));
}

constexpr std::uint8_t estimated_flag = 1;
constexpr std::uint8_t unpriced_flag = 2;

constexpr std::array token_kinds = {&Usage::input, &Usage::output, &Usage::cache_write_5m,
                                    &Usage::cache_write_1h, &Usage::cache_read};

JournalSlot::Owed owed_of(const LedgerEntry& entry) noexcept {
  JournalSlot::Owed owed = {};
  for (std::size_t i = 0; i < token_kinds.size(); ++i) {
    const std::int64_t count = entry.usage.*token_kinds[i];
    owed.counts[i] = static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, UINT32_MAX));
  }
  owed.cost = entry.cost;
  owed.web_searches = std::max(entry.usage.web_searches, 0);
  owed.price_version = entry.price_version;
  owed.tier = std::to_underlying(entry.terms.tier);
  owed.geo = std::to_underlying(entry.terms.geo);
  owed.is_fast = entry.terms.is_fast;
  owed.flags = static_cast<std::uint8_t>((entry.usage.is_estimated ? estimated_flag : 0) |
                                         (entry.is_unpriced ? unpriced_flag : 0));
  return owed;
}

void copy_owed(const JournalSlot::Owed& owed, LedgerEntry& entry) noexcept {
  for (std::size_t i = 0; i < token_kinds.size(); ++i) {
    entry.usage.*token_kinds[i] = owed.counts[i];
  }
  entry.usage.web_searches = owed.web_searches;
  entry.usage.is_estimated = (owed.flags & estimated_flag) != 0;
  entry.terms = {.tier = core::ServiceTier{owed.tier},
                 .geo = core::InferenceGeo{owed.geo},
                 .is_fast = owed.is_fast != 0};
  entry.cost = owed.cost;
  entry.price_version = owed.price_version;
  entry.is_unpriced = (owed.flags & unpriced_flag) != 0;
}

void copy_begin(const JournalSlot::Begin& begin, LedgerEntry& entry) noexcept {
  entry.attempt = begin.attempt;
  entry.request = begin.request;
  entry.key = core::KeyId{begin.key};
  entry.endpoint = core::Endpoint{begin.endpoint};
  entry.is_stream = begin.is_stream != 0;
  entry.started = WallTime{std::chrono::milliseconds{begin.started}};
  entry.held = begin.held;
  entry.model = begin.model;
  entry.client = begin.client;
}

void copy_end(const JournalSlot::End& end, LedgerEntry& entry) noexcept {
  entry.delivery = core::Delivery{end.delivery};
  entry.attempts = end.attempts;
  entry.status = end.status;
  entry.first_byte_ms = end.first_byte_ms;
  entry.duration_ms = end.duration_ms;
  copy_owed(end.owed, entry);
  entry.served_model = end.served_model;
  entry.upstream = end.upstream;
  entry.upstream_request = end.upstream_request;
}

// A CRC can be right by chance or by malice; a size or an enumerator beyond its range would be
// undefined behaviour further up.
template <std::size_t N>
bool is_sound(const ShortText<N>& text) noexcept {
  return text.view().size() <= N;
}

bool is_sound(const JournalSlot::Owed& owed) noexcept {
  return owed.web_searches >= 0 && owed.tier <= std::to_underlying(core::ServiceTier::batch) &&
         owed.geo <= std::to_underlying(core::InferenceGeo::other);
}

bool is_sound(const JournalSlot::Begin& begin) noexcept {
  return begin.state == JournalSlot::magic && begin.crc == crc_of(begin) &&
         begin.endpoint <= std::to_underlying(core::Endpoint::advisor) && is_sound(begin.model) &&
         is_sound(begin.request);
}

bool is_sound(const JournalSlot::End& end, const JournalSlot::Begin& begin) noexcept {
  return end.crc == crc_of(end, begin) &&
         end.delivery <= std::to_underlying(core::Delivery::abandoned) && is_sound(end.owed) &&
         is_sound(end.served_model) && is_sound(end.upstream) && is_sound(end.upstream_request);
}

void copy_last_mark(const JournalSlot& slot, LedgerEntry& entry) noexcept {
  const JournalSlot::Mark* last = nullptr;
  for (const JournalSlot::Mark& mark : slot.marks) {
    if (mark.turn == 0 || mark.crc != crc_of(mark, slot.begin) || !is_sound(mark.owed)) continue;
    if (last == nullptr || mark.turn > last->turn) last = &mark;
  }
  if (last != nullptr) copy_owed(last->owed, entry);
}

}  // namespace

void write_begin(JournalSlot& slot, std::uint64_t journal, std::uint64_t opened,
                 const LedgerEntry& begun) noexcept {
  slot.begin.state = 0;
  in_this_order();
  slot.begin = {.state = 0,
                .crc = 0,
                .journal = journal,
                .opened = opened,
                .attempt = begun.attempt,
                .key = std::to_underlying(begun.key),
                .started = begun.started.time_since_epoch().count(),
                .held = begun.held,
                .client = begun.client,
                .model = begun.model,
                .request = begun.request,
                .endpoint = std::to_underlying(begun.endpoint),
                .is_stream = begun.is_stream,
                .reserved = 0};
  slot.begin.crc = crc_of(slot.begin);
  slot.end.closed = 0;
  slot.marks[0].turn = 0;
  slot.marks[1].turn = 0;
  write_mark(slot, begun);
  in_this_order();
  slot.begin.state = JournalSlot::magic;
}

void write_mark(JournalSlot& slot, const LedgerEntry& so_far) noexcept {
  const std::uint32_t turn = std::max(slot.marks[0].turn, slot.marks[1].turn) + 1;
  JournalSlot::Mark& mark = slot.marks[turn % 2];
  mark.turn = turn;
  mark.owed = owed_of(so_far);
  mark.crc = crc_of(mark, slot.begin);
  in_this_order();
}

void write_end(JournalSlot& slot, std::uint64_t closed, const LedgerEntry& ended) noexcept {
  assert(ended.attempt == slot.begin.attempt && "the end of another exchange");
  JournalSlot::End end = {.closed = closed,
                          .crc = 0,
                          .status = ended.status,
                          .delivery = std::to_underlying(ended.delivery),
                          .attempts = ended.attempts,
                          .first_byte_ms = ended.first_byte_ms,
                          .duration_ms = ended.duration_ms,
                          .owed = owed_of(ended),
                          .served_model = ended.served_model,
                          .upstream = ended.upstream,
                          .upstream_request = ended.upstream_request};
  end.crc = crc_of(end, slot.begin);
  end.closed = 0;
  slot.end = end;
  in_this_order();
  slot.end.closed = closed;
}

LedgerEntry ended_entry(const JournalSlot& slot) noexcept {
  LedgerEntry entry;
  copy_begin(slot.begin, entry);
  copy_end(slot.end, entry);
  return entry;
}

SlotContents read_slot(const JournalSlot& slot) noexcept {
  SlotContents contents;
  if (slot.begin.state == 0) return contents;
  if (!is_sound(slot.begin)) {
    contents.state = SlotState::damaged;
    return contents;
  }
  contents.journal = slot.begin.journal;
  copy_begin(slot.begin, contents.entry);
  if (slot.end.closed != 0 && is_sound(slot.end, slot.begin)) {
    contents.state = SlotState::closed;
    contents.closed = slot.end.closed;
    copy_end(slot.end, contents.entry);
    return contents;
  }
  contents.state = SlotState::open;
  contents.has_damaged_end = slot.end.closed != 0;
  contents.entry.delivery = core::Delivery::abandoned;
  copy_last_mark(slot, contents.entry);
  contents.entry.usage.is_estimated = true;
  return contents;
}

bool is_of_another_version(const JournalSlot& slot) noexcept {
  constexpr std::uint32_t name = 0x00ffffff;  // "RLJ", without the digit.
  return slot.begin.state != JournalSlot::magic &&
         (slot.begin.state & name) == (JournalSlot::magic & name);
}

}  // namespace relay::store
