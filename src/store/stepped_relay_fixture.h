#pragma once

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rfc3339.h"
#include "core/allowances.h"
#include "core/reservation.h"
#include "core/words.h"
#include "store/fated_store_fixture.h"
#include "store/journal.h"
#include "store/ledger_writer.h"
#include "store/plain_ledger_fixture.h"
#include "store/script_fixture.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::store {

// A relay without its network and without threads: admission, journals, drain and keeper go on when
// they are told to, by steps that a script chooses. Beside it stands what it should say.
class SteppedRelay {
 public:
  static constexpr std::size_t loops = 2;
  static constexpr std::size_t keys = 3;
  static constexpr std::size_t segment_slots = 8;
  static constexpr std::size_t house = 3 * segment_slots;  // What one journal may hold.

  SteppedRelay(Script& script, Meanwhile& meanwhile)
      : script_{script}, meanwhile_{meanwhile}, store_{clock_, meanwhile} {
    clock_.set_wall(parse_rfc3339("2026-03-26T21:30:00Z").value());
    if (script_.below(sums_every) == 0) {
      store_.tell_as_well(SqliteStore::open(files_.path() / "relay.db", clock_).value());
    }
    for (std::size_t key = 0; key < keys; ++key) {
      const core::NewKey made = named(std::to_string(key));
      ids_.at(key) = store_.create_key(made).value().id;
      if (store_.other() == nullptr) continue;
      EXPECT_EQ(store_.other()->create_key(made).value().id, ids_.at(key));
    }
  }
  ~SteppedRelay() {
    for (const auto& exchange : running_) exchange->end();
  }

  [[nodiscard]] bool is_up() const noexcept { return is_up_; }

  // As the relay does: what was left is in the store before anything begins.
  void start() {
    script_.note("start");
    directory_ = JournalDirectory::open(files_.path() / "journal").value();
    std::vector<Journal*> all;
    for (auto& journal : journals_) {
      while (journal == nullptr) {
        if (auto made = Journal::create(options())) journal = *std::move(made);
      }
      all.push_back(journal.get());
    }
    writer_ = std::make_unique<LedgerWriter>(store_, *directory_, all, clock_);
    while (!writer_->recover()) script_.note("again");
    right_.believe(store_.entries());
    allowances_ = std::make_unique<core::Allowances>(zone_);
    ASSERT_TRUE(allowances_->load(store_, store_.all_keys().value(), clock_.wall()));
    is_up_ = true;
    compare_all();
  }

  // All that was in memory is gone. What was open is charged as last marked, as an estimate; after
  // a loss of power only what was said to be durable is certain.
  void die(bool has_power) {
    if (!has_power) doubt_what_is_not_durable();
    for (const auto& exchange : running_) right_.abandon(exchange->attempt, exchange->ticket);
    running_.clear();
    allowances_.reset();
    writer_.reset();
    has_power ? name_files() : lose_files();
    for (auto& journal : journals_) journal.reset();
    for (auto& ended : ended_) ended.clear();
    directory_.reset();
    is_up_ = is_draining_ = is_keeping_ = false;
    ++deaths_;
  }

  void begin() {
    const std::size_t key = script_.below(keys);
    const std::size_t loop = script_.below(loops);
    const core::Hold hold{.tokens = static_cast<core::TokenCount>(script_.below(400)),
                          .cost = static_cast<core::NanoUsd>(script_.below(2'000))};
    auto grant = take(key, hold);
    if (!grant) return script_.note("refused");
    const core::LedgerEntry begun = begun_by(key, hold);
    const auto slot = journals_.at(loop)->open(begun);
    if (!slot) return script_.note("full");
    script_.note("{}.begin", begun_++);
    running_.push_back(std::make_unique<Exchange>(
        begun.attempt, loop, right_.begin(begun, hold),
        core::Reservation{*journals_.at(loop), *slot, begun, plain_prices(), *std::move(grant)}));
  }

  void mark() {
    if (running_.empty()) return;
    Exchange& exchange = *running_[script_.below(running_.size())];
    const core::Usage usage = some_usage();
    script_.note("{}.mark", PlainLedger::number_of(exchange.attempt));
    exchange.reservation.mark(usage);
    right_.mark(exchange.attempt, usage);
  }

  // Settled, refused by the upstream, or dropped without a word.
  void end() {
    if (running_.empty()) return;
    std::swap(running_[script_.below(running_.size())], running_.back());
    Exchange& exchange = *running_.back();
    const std::uint64_t how = script_.below(10);
    if (how == 0) {
      right_.drop(exchange.attempt, exchange.ticket);
    } else {
      const core::Usage usage = some_usage();
      const auto delivery = how == 1 ? core::Delivery::refused : core::Delivery::complete;
      right_.end(exchange.attempt, exchange.ticket, delivery, usage);
      exchange.reservation.settle(usage, delivery);
    }
    script_.note("{}.{}", PlainLedger::number_of(exchange.attempt), to_string(exchange.delivery()));
    ended_.at(exchange.loop).push_back(exchange.attempt);
    exchange.end();
    running_.pop_back();
  }
  void end_all() {
    while (!running_.empty()) end();
  }

  // Unless it is under way. With no time left a store that fails is tried once; else until it works
  // or the clock moves.
  void drain() {
    if (std::exchange(is_draining_, true)) return;
    script_.note("drain");
    writer_->drain_once(clock_.now() + std::chrono::microseconds{script_.below(2)});
    is_draining_ = false;
  }

  // Unless it is under way.
  void keep() {
    if (std::exchange(is_keeping_, true)) return;
    script_.note("keep");
    const bool is_due = script_.below(2) == 0;
    if (!is_due) writer_->sync_soon(*journals_.at(script_.below(loops)));
    writer_->keep_once(is_due);
    is_keeping_ = false;
  }

  // Often a little, sometimes to the border of a day or over one; in some scripts, backwards.
  void move_clock() {
    script_.note("clock");
    const WallTime wall = clock_.wall();
    const WallTime next = zone_.next_start(CalendarUnit::day, wall);
    switch (script_.below(8)) {
      case 0: clock_.advance(next - wall - std::chrono::milliseconds{1}); break;
      case 1: clock_.advance(next - wall); break;
      case 2: clock_.advance(std::chrono::minutes{script_.below(600)}); break;
      default: clock_.advance(std::chrono::milliseconds{script_.below(200'000)}); break;
    }
    if (!is_set_back_) return;
    clock_.set_wall(clock_.wall() - std::chrono::hours{script_.below(30)});
  }

  void change_limits() {
    script_.note("limit");
    right_.key(ids_.at(script_.below(keys))).change_a_limit(script_.dice(), zone_, clock_.wall());
  }

  void compare_some() {
    compare(script_.below(keys), core::every_window[script_.below(core::every_window.size())]);
  }
  void compare_all() {
    for (std::size_t key = 0; key < keys; ++key) {
      for (const core::Window window : core::every_window) compare(key, window);
    }
  }

  // When nothing is running and the drain is done.
  void expect_ledger() {
    right_.expect_to_be(store_.entries());
    compare_all();
  }

  // As much as there ever is, in slots of their own; and afterwards nothing.
  void expect_room() {
    for (auto& journal : journals_) {
      expect_nothing_waits(*journal);
      fill(*journal);
    }
    writer_->drain_once(clock_.now());
    for (auto& journal : journals_) {
      expect_nothing_waits(*journal);
      EXPECT_TRUE(journal->remove_if_done());
    }
  }

  void expect_sums() {
    if (store_.other() == nullptr) return;
    EXPECT_TRUE(store_.other()->check().value().empty());
    for (const core::KeyId id : ids_) {
      const core::UsageTotals kept = store_.other()->usage_totals(id).value();
      const core::UsageTotals right = store_.usage_totals(id).value();
      EXPECT_EQ(kept.usage, right.usage);
      EXPECT_EQ(kept.cost, right.cost);
      EXPECT_EQ(kept.requests, right.requests);
    }
  }

 private:
  static constexpr std::uint64_t sums_every = 20;  // As they take longer than all the rest.

  // A kill forgets the reservation without ending it.
  struct Exchange {
    core::AttemptId attempt;
    std::size_t loop;
    PlainKey::Ticket ticket;
    union {
      core::Reservation reservation;
    };
    Exchange(const core::AttemptId& its_attempt, std::size_t its_loop, PlainKey::Ticket its_ticket,
             core::Reservation&& its_reservation)
        : attempt{its_attempt},
          loop{its_loop},
          ticket{its_ticket},
          reservation{std::move(its_reservation)} {}
    ~Exchange() {}
    core::Delivery delivery() { return reservation.entry().delivery; }
    void end() { reservation.~Reservation(); }
  };

  JournalOptions options() {
    return {.directory = directory_->path(),
            .segment_bytes = segment_slots * sizeof(JournalSlot),
            .backlog_bytes_max = house * sizeof(JournalSlot),
            .disk = FatedDisk::of(meanwhile_)};
  }

  // Journals have random names, and recovery goes by names: now it goes by the seed.
  void name_files() const {
    for (const auto& [path, loop] : files_of_journals()) {
      const std::string number = path.stem().string().substr(path.stem().string().find('-'));
      rename(path, file_of_the_dead(fmt::format("{}{}", loop, number)));
    }
  }
  // The disk knows no names.
  void lose_files() const {
    for (const auto& [path, loop] : files_of_journals()) std::filesystem::remove(path);
    std::size_t number = 0;
    for (const FatedDisk::Bytes& bytes : FatedDisk::synced()) {
      std::ofstream file{file_of_the_dead(std::to_string(++number)), std::ios::binary};
      file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    }
  }
  [[nodiscard]] std::filesystem::path file_of_the_dead(const std::string& name) const {
    return directory_->path() / fmt::format("{:03}-{}.journal", deaths_, name);
  }
  // And of which loop each is.
  [[nodiscard]] std::map<std::filesystem::path, std::size_t> files_of_journals() const {
    std::map<std::filesystem::path, std::size_t> found;
    for (const auto& file : std::filesystem::directory_iterator{directory_->path()}) {
      for (std::size_t loop = 0; loop < loops; ++loop) {
        if (journals_.at(loop) == nullptr) continue;
        const std::string prefix = fmt::format("{:016x}-", journals_.at(loop)->id());
        if (file.path().filename().string().starts_with(prefix)) found[file.path()] = loop;
      }
    }
    return found;
  }

  void doubt_what_is_not_durable() {
    for (const auto& exchange : running_) right_.doubt(exchange->attempt);
    for (std::size_t loop = 0; loop < loops; ++loop) {
      const auto& ended = ended_.at(loop);
      for (std::size_t count = 1; count <= ended.size(); ++count) {
        if (!journals_.at(loop)->is_durable(count)) right_.doubt(ended.at(count - 1));
      }
    }
  }

  [[nodiscard]] core::Periods now() const { return core::periods_at(zone_, clock_.wall()); }
  core::Allowance& allowance(std::size_t key) {
    return allowances_->of(ids_.at(key), clock_.wall());
  }

  std::expected<core::Grant, core::Refusal> take(std::size_t key, const core::Hold& hold) {
    const PlainKey& plain = right_.key(ids_.at(key));
    auto grant =
        allowance(key).take(core::allowance_terms(plain.terms, nullptr, 0),
                            {.hold = hold, .periods = now(), .wall = clock_.wall()}, clock_);
    if (!is_set_back_) {
      EXPECT_EQ(grant.has_value(), plain.fits(hold, zone_, clock_.wall()));
    }
    return grant;
  }

  core::LedgerEntry begun_by(std::size_t key, const core::Hold& hold) {
    core::LedgerEntry begun;
    begun.attempt = attempt(begun_);
    begun.key = ids_.at(key);
    begun.started = clock_.wall();
    begun.held = hold.tokens;
    begun.model = std::string_view{"m"};
    PlainLedger::owe(begun, {.input = static_cast<core::TokenCount>(script_.below(100))});
    return begun;
  }
  core::Usage some_usage() {
    return {.input = static_cast<core::TokenCount>(script_.below(300)),
            .output = static_cast<core::TokenCount>(script_.below(300))};
  }
  void compare(std::size_t key, core::Window window) {
    const core::Allowance& found = allowance(key);
    const PlainKey& plain = right_.key(ids_.at(key));
    EXPECT_EQ(found.live(), static_cast<std::int64_t>(plain.running()));
    if (is_set_back_ && window != core::Window::total) return;
    EXPECT_EQ(found.tokens().state(window, now()), plain.state(window, zone_, clock_.wall(), false))
        << "tokens of " << to_string(window);
    EXPECT_EQ(found.cost().state(window, now()), plain.state(window, zone_, clock_.wall(), true))
        << "cost of " << to_string(window);
  }

  static void expect_nothing_waits(const Journal& journal) {
    EXPECT_EQ(journal.entries_open(), 0u);
    EXPECT_EQ(journal.entries_waiting(), 0u);
  }
  void fill(Journal& journal) {
    const core::LedgerEntry begun = begun_by(0, {});
    std::set<core::LedgerSlot> slots;
    for (std::size_t number = 0; number <= house; ++number) {
      auto slot = journal.open(begun);
      if (!slot) writer_->keep_once(true);
      if (!slot) slot = journal.open(begun);
      if (!slot) break;
      EXPECT_TRUE(slots.insert(*slot).second) << "a slot of two exchanges";
    }
    EXPECT_EQ(slots.size(), house);
    for (const core::LedgerSlot slot : slots) journal.close(slot, begun);
  }

  Script& script_;
  Meanwhile& meanwhile_;
  const bool is_set_back_ = script_.below(8) == 0;  // The clock: then only totals are certain.
  bool is_up_ = false;
  bool is_draining_ = false;
  bool is_keeping_ = false;
  std::size_t deaths_ = 0;
  std::uint32_t begun_ = 0;
  const TimeZone zone_ = TimeZone::find("Europe/Berlin").value();
  ManualClock clock_;
  TemporaryDirectory files_;
  FatedStore store_;
  std::array<core::KeyId, keys> ids_;
  PlainLedger right_;
  std::array<std::vector<core::AttemptId>, loops> ended_;  // In each journal, in this order.
  std::optional<JournalDirectory> directory_;
  std::array<std::unique_ptr<Journal>, loops> journals_;
  std::unique_ptr<LedgerWriter> writer_;
  std::unique_ptr<core::Allowances> allowances_;
  std::vector<std::unique_ptr<Exchange>> running_;
};

}  // namespace relay::store
