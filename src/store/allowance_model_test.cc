#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/rfc3339.h"
#include "core/allowances.h"
#include "core/reservation.h"
#include "store/journal.h"
#include "store/journal_directory.h"
#include "store/journal_recovery.h"
#include "store/memory_store.h"
#include "store/plain_key_fixture.h"
#include "store/store_fixture.h"

// P1: whatever happens in whatever order, what the allowances of keys say and allow is what a plain
// reading of all exchanges says. RELAY_MODEL_STEPS and RELAY_MODEL_SEED choose how long and which.
namespace relay::store {
namespace {

using namespace std::chrono_literals;
using core::Allowance;
using core::Delivery;
using core::every_window;
using core::TokenCount;
using core::Usage;
using core::Window;

// An exchange that is running. A crash forgets the reservation without ending it.
struct Running {
  std::size_t key;
  PlainKey::Ticket ticket;
  Sums marked;
  union {
    core::Reservation reservation;
  };
  Running(std::size_t its_key, PlainKey::Ticket its_ticket, core::Reservation&& its_reservation)
      : key{its_key}, ticket{its_ticket}, reservation{std::move(its_reservation)} {}
  ~Running() {}
  void end() { reservation.~Reservation(); }
};

class Model {
 public:
  Model(std::uint64_t seed, std::uint64_t steps) : dice_{seed}, crash_every_{steps / 50 + 1} {
    clock_.set_wall(parse_rfc3339("2026-03-26T21:30:00Z").value());
    for (int i = 0; i < 3; ++i) {
      created_.push_back(store_.create_key(named("key " + std::to_string(i))).value());
      keys_.emplace_back();
    }
    start();
  }
  ~Model() {
    for (const auto& running : running_) running->end();
  }

  void step() {
    switch (below(20)) {
      case 0:
      case 1: advance(); break;
      case 2: change_limits(); break;
      case 3: flush(); break;
      case 4:
      case 5:
      case 6: mark(); break;
      case 7:
      case 8:
      case 9:
      case 10:
      case 11:
      case 12: end(); break;
      default: ask(); break;
    }
    if (below(crash_every_) == 0) crash();
    compare_some();
  }
  void crash() {
    for (const auto& running : running_) {
      keys_[running->key].end(running->ticket, running->marked);
    }
    running_.clear();
    journal_.reset();
    directory_.reset();
    start();
    compare_all();
  }
  void compare_all() {
    for (std::size_t key = 0; key < keys_.size(); ++key) {
      for (const Window window : every_window) compare(key, window);
    }
  }

 private:
  std::uint64_t below(std::uint64_t n) { return dice_.below(n); }
  [[nodiscard]] core::Periods now() const { return core::periods_at(zone_, clock_.wall()); }

  void start() {
    directory_ = JournalDirectory::open(files_.path()).value();
    ASSERT_TRUE(recover(*directory_, store_));
    journal_ = Journal::create({.directory = directory_->path(),
                                .segment_bytes = 1 << 20,
                                .backlog_bytes_max = 8 << 20})
                   .value();
    allowances_ = std::make_unique<core::Allowances>(zone_);
    ASSERT_TRUE(allowances_->load(store_, store_.all_keys().value(), clock_.wall()));
  }

  // Often a little; sometimes to the border of a day or a month, or over one.
  void advance() {
    const WallTime wall = clock_.wall();
    switch (below(10)) {
      case 0: clock_.advance(zone_.next_start(CalendarUnit::day, wall) - wall - 1ms); break;
      case 1: clock_.advance(zone_.next_start(CalendarUnit::day, wall) - wall); break;
      case 2: clock_.advance(std::chrono::minutes{below(600)}); break;
      default: clock_.advance(std::chrono::milliseconds{below(200'000)}); break;
    }
    for (PlainKey& key : keys_) key.forget(clock_.wall() - 24h * 32);
  }

  void change_limits() { keys_[below(keys_.size())].change_a_limit(dice_, zone_, clock_.wall()); }

  void ask() {
    const std::size_t at = below(keys_.size());
    const core::KeyTerms& terms = keys_[at].terms;
    const core::Hold hold{.tokens = static_cast<TokenCount>(below(400)),
                          .cost = static_cast<core::NanoUsd>(below(2'000))};
    Allowance& allowance = allowances_->of(created_[at].id, clock_.wall());
    auto grant = allowance.take(core::allowance_terms(terms, nullptr, 0),
                                {.hold = hold, .periods = now(), .wall = clock_.wall()}, clock_);
    ASSERT_EQ(grant.has_value(), keys_[at].fits(hold, zone_, clock_.wall()));
    if (!grant) return;

    core::LedgerEntry entry;
    entry.attempt = core::new_attempt_id(WallTime{});
    entry.key = created_[at].id;
    entry.started = clock_.wall();
    entry.held = hold.tokens;
    entry.model = std::string_view{"m"};
    if (journal_->entries_waiting() > 1'000) flush();
    const auto slot = journal_->open(entry);
    ASSERT_TRUE(slot);
    running_.push_back(std::make_unique<Running>(
        at, keys_[at].begin(clock_.wall(), hold),
        core::Reservation{*journal_, *slot, entry, plain_prices(), std::move(*grant)}));
  }

  Usage some_usage() {
    return {.input = static_cast<TokenCount>(below(300)),
            .output = static_cast<TokenCount>(below(300))};
  }

  void mark() {
    if (running_.empty()) return;
    Running& running = *running_[below(running_.size())];
    const Usage usage = some_usage();
    running.reservation.mark(usage);
    running.marked = plain_charge(usage);
  }

  // Settled, refused by the upstream, or dropped without a word.
  void end() {
    if (running_.empty()) return;
    std::swap(running_[below(running_.size())], running_.back());
    Running& running = *running_.back();
    const Usage usage = some_usage();
    Sums charged = running.marked;
    const auto how = below(10);
    if (how == 0) {
      running.reservation.settle(usage, Delivery::refused);
      charged = {};
    } else if (how < 9) {
      running.reservation.settle(usage, Delivery::complete);
      charged = plain_charge(usage);
    }
    running.end();
    keys_[running.key].end(running.ticket, charged);
    running_.pop_back();
  }

  // Some of what has ended goes to the store.
  void flush() {
    std::vector<core::LedgerEntry> entries;
    const std::size_t count = journal_->collect(entries, 1 + below(1'500));
    const core::JournalPosition position = journal_->position_after(count);
    ASSERT_TRUE(store_.append(entries, {&position, 1}));
    const bool is_repeated = below(4) == 0;  // As after an outcome that nobody knows.
    if (is_repeated) {
      ASSERT_TRUE(store_.append(entries, {&position, 1}));
    }
    journal_->release(count);
    ASSERT_TRUE(journal_->keep_room());
  }

  void compare_some() { compare(below(keys_.size()), every_window[below(every_window.size())]); }

  void compare(std::size_t key, Window window) {
    const Allowance& allowance = allowances_->of(created_[key].id, clock_.wall());
    const auto plain = [&](bool is_cost) {
      return keys_[key].state(window, zone_, clock_.wall(), is_cost);
    };
    ASSERT_EQ(allowance.tokens().state(window, now()), plain(false))
        << to_string(window) << " at " << to_rfc3339(clock_.wall());
    ASSERT_EQ(allowance.cost().state(window, now()), plain(true))
        << to_string(window) << " at " << to_rfc3339(clock_.wall());
  }

  Dice dice_;
  std::uint64_t crash_every_;
  const TimeZone zone_ = TimeZone::find("Europe/Berlin").value();
  ManualClock clock_;
  TemporaryDirectory files_;
  MemoryStore store_;
  std::vector<core::ApiKey> created_;
  std::vector<PlainKey> keys_;
  std::optional<JournalDirectory> directory_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<core::Allowances> allowances_;
  std::vector<std::unique_ptr<Running>> running_;
};

TEST(AllowanceModel, AgreesWithAPlainReadingWhateverHappens) {
  const std::uint64_t seed = number_from("RELAY_MODEL_SEED", std::random_device{}());
  const std::uint64_t steps = number_from("RELAY_MODEL_STEPS", 20'000);
  SCOPED_TRACE(testing::Message() << "RELAY_MODEL_SEED=" << seed << " RELAY_MODEL_STEPS=" << steps);
  Model model{seed, steps};
  for (std::uint64_t step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
    SCOPED_TRACE(testing::Message() << "step " << step);
    model.step();
  }
  model.crash();
  model.compare_all();
}

}  // namespace
}  // namespace relay::store
