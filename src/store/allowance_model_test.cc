#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
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

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Sums {
  std::int64_t tokens = 0;
  std::int64_t cost = 0;
};

// One key, read plainly: what was charged by the quarter of an hour in which it began.
struct PlainKey {
  core::KeyTerms terms;
  std::map<WallTime, Sums> charged;
  Sums before;  // What is too old for every window but total.

  void charge(WallTime began, std::int64_t tokens, std::int64_t cost) {
    Sums& sums =
        charged[std::chrono::floor<std::chrono::minutes>(began) -
                (std::chrono::floor<std::chrono::minutes>(began).time_since_epoch() % 15min)];
    sums.tokens += tokens;
    sums.cost += cost;
  }
  [[nodiscard]] Sums since(WallTime from) const {
    Sums sums;
    for (auto at = charged.lower_bound(from); at != charged.end(); ++at) {
      sums.tokens += at->second.tokens;
      sums.cost += at->second.cost;
    }
    return sums;
  }
  [[nodiscard]] Sums total() const {
    Sums sums = since(WallTime::min());
    sums.tokens += before.tokens;
    sums.cost += before.cost;
    return sums;
  }
  void forget(WallTime until) {
    while (!charged.empty() && charged.begin()->first < until) {
      before.tokens += charged.begin()->second.tokens;
      before.cost += charged.begin()->second.cost;
      charged.erase(charged.begin());
    }
  }
};

// An exchange that is running. A crash forgets the reservation without ending it.
struct Running {
  std::size_t key;
  WallTime began;
  core::Hold hold;
  core::KeyTerms terms;  // By which it was admitted: what is not limited is not held.
  Sums marked;
  union {
    core::Reservation reservation;
  };
  Running(std::size_t its_key, WallTime at, core::Hold its_hold, core::KeyTerms its_terms,
          core::Reservation&& its_reservation)
      : key{its_key},
        began{at},
        hold{its_hold},
        terms{std::move(its_terms)},
        reservation{std::move(its_reservation)} {}
  ~Running() {}
  void end() { reservation.~Reservation(); }
};

// A price of 3 and 7 nano-dollars for a token of input and of output. Never freed: a crash leaves
// reservations behind that refer to it.
std::shared_ptr<const core::PriceTable> prices() {
  static const std::shared_ptr<const core::PriceTable> table =
      core::PriceTable::make({{.models = {"m"},
                               .rates = {.input = 3'000'000,
                                         .output = 7'000'000,
                                         .cache_write_5m = 0,
                                         .cache_write_1h = 0,
                                         .cache_read = 0}}})
          .value();
  return {std::shared_ptr<const core::PriceTable>{}, table.get()};
}
Sums charge_of(const Usage& usage) {
  return {usage.total(), 3 * usage.input + 7 * usage.output};
}

class Model {
 public:
  Model(std::uint64_t seed, std::uint64_t steps) : random_{seed}, crash_every_{steps / 50 + 1} {
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
      keys_[running->key].charge(running->began, running->marked.tokens, running->marked.cost);
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
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
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

  // Near what is used, so that it matters; or anything; or none.
  void change_limits() {
    const std::size_t at = below(keys_.size());
    core::KeyTerms& terms = keys_[at].terms;
    const Window window = every_window[below(every_window.size())];
    const bool is_cost = below(2) == 0;
    std::optional<std::int64_t>& limit = (is_cost ? terms.cost_limits : terms.token_limits)[window];
    const std::int64_t used = plain(at, window, is_cost).used;
    limit.reset();
    if (below(4) != 0) limit = static_cast<std::int64_t>(below(20'000));
    if (limit && below(4) != 0) *limit += used;
    terms.concurrency.reset();
    if (below(3) == 0) terms.concurrency = static_cast<std::int64_t>(1 + below(8));
  }

  // What a window has used, and what running exchanges hold in it, of tokens or of cost.
  [[nodiscard]] core::WindowState plain(std::size_t key, Window window, bool is_cost) const {
    const WallTime wall = clock_.wall();
    const auto from = core::window_start(zone_, window, wall);
    const Sums used = from ? keys_[key].since(*from) : keys_[key].total();
    core::WindowState state{.used = is_cost ? used.cost : used.tokens};
    for (const auto& running : running_) {
      const core::KeyTerms& terms = running->terms;
      const auto& limits = is_cost ? terms.cost_limits : terms.token_limits;
      if (running->key != key || !limits[window] || (from && running->began < *from)) continue;
      state.held += is_cost ? running->hold.cost : running->hold.tokens;
    }
    return state;
  }

  void ask() {
    const std::size_t at = below(keys_.size());
    const core::KeyTerms& terms = keys_[at].terms;
    const core::Hold hold{.tokens = static_cast<TokenCount>(below(400)),
                          .cost = static_cast<core::NanoUsd>(below(2'000))};
    Allowance& allowance = allowances_->of(created_[at].id, clock_.wall());
    auto grant = allowance.take(core::allowance_terms(terms, nullptr, 0),
                                {.hold = hold, .periods = now(), .wall = clock_.wall()}, clock_);
    ASSERT_EQ(grant.has_value(), fits(at, hold));
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
        at, clock_.wall(), hold, terms,
        core::Reservation{*journal_, *slot, entry, prices(), std::move(*grant)}));
  }

  [[nodiscard]] bool fits(std::size_t at, const core::Hold& hold) const {
    const core::KeyTerms& terms = keys_[at].terms;
    const auto live = std::ranges::count(running_, at, [](const auto& each) { return each->key; });
    if (terms.concurrency && live >= *terms.concurrency) return false;
    for (const bool is_cost : {false, true}) {
      const std::int64_t wanted = is_cost ? hold.cost : hold.tokens;
      const auto& limits = is_cost ? terms.cost_limits : terms.token_limits;
      for (const Window window : every_window) {
        if (wanted == 0 || !limits[window]) continue;
        const core::WindowState state = plain(at, window, is_cost);
        if (state.used + state.held + wanted > *limits[window]) return false;
      }
    }
    return true;
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
    running.marked = charge_of(usage);
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
      charged = charge_of(usage);
    }
    running.end();
    keys_[running.key].charge(running.began, charged.tokens, charged.cost);
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
    ASSERT_EQ(allowance.tokens().state(window, now()), plain(key, window, false))
        << to_string(window) << " at " << to_rfc3339(clock_.wall());
    ASSERT_EQ(allowance.cost().state(window, now()), plain(key, window, true))
        << to_string(window) << " at " << to_rfc3339(clock_.wall());
  }

  std::mt19937_64 random_;
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
