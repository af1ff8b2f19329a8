// In which order things reach the kernel where exchanges wait for the disk: the record is synced
// between the end of an exchange and the last bytes to its client.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <map>

#include "app/journal_durability.h"
#include "store/fork_fixture.h"
#include "store/memory_store.h"
#include "store/store_fixture.h"
#include "store/traced_process_fixture.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using store::entry;
using store::TracedProcess;

constexpr std::uint32_t rounds = 5;
constexpr std::uint32_t at_once = 10;

// Takes nothing: what it had taken would be durable without a sync.
class AbsentStore final : public store::MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  Result<void> append(std::span<const core::LedgerEntry>,
                      std::span<const core::JournalPosition>) override {
    return std::unexpected(Error{.code = ErrorCode::store_unavailable, .origin = Origin::store});
  }
};

// A call that does nothing but be seen: exchange `number` is in the memory of the journal.
void show_recorded(std::uint32_t number) {
  ::lseek(-1, number, SEEK_SET);
}

// A loop, a journal and its keeper, as in a relay; the last bytes of an exchange are as many as its
// number, and one.
class Relay {
 public:
  Relay(const std::filesystem::path& path, int client)
      : client_{client}, directory_{store::JournalDirectory::open(path).value()} {}

  void run() {
    store::TracedProcess::be_traced();
    writer_.start();
    std::vector<Task<void>> workers;
    for (std::uint32_t i = 0; i < at_once; ++i) {
      workers.push_back(exchanges(*this));
      workers.back().start();
    }
    loop_.run();
    writer_.stop(clock_.now());
  }

 private:
  // One after the other; the last one of all ends the loop.
  static Task<void> exchanges(Relay& relay) {
    for (std::uint32_t round = 0; round < rounds; ++round) {
      const std::uint32_t number = relay.begun_++;
      const auto slot = relay.journal_->open(entry(number, core::KeyId{1}));
      relay.journal_->close(slot.value(), entry(number, core::KeyId{1}, {.input = 1}));
      show_recorded(number);
      co_await relay.durability_.reached();
      const std::string last_bytes(number + 1, '.');
      EXPECT_GT(::write(relay.client_, last_bytes.data(), last_bytes.size()), 0);
      if (++relay.ended_ == rounds * at_once) relay.loop_.stop();
    }
  }

  const int client_;
  SystemClock clock_;
  AbsentStore store_{clock_};
  store::JournalDirectory directory_;
  std::unique_ptr<store::Journal> journal_ =
      store::Journal::create({.directory = directory_.path(),
                              .segment_bytes = 1'024 * sizeof(store::JournalSlot),
                              .backlog_bytes_max = 1'024 * sizeof(store::JournalSlot)})
          .value();
  // Its own interval is no help.
  store::LedgerWriter writer_{store_, directory_, {journal_.get()}, clock_, [](auto) {}, 10s};
  net::Loop loop_{clock_};
  JournalDurability durability_{loop_, *journal_, writer_};
  std::uint32_t begun_ = 0;
  std::uint32_t ended_ = 0;
};

// What was seen, by the number of an exchange: how many calls had been seen before.
struct Order {
  const int client;
  std::size_t calls = 0;
  std::map<std::uint32_t, std::size_t> recorded;
  std::map<std::uint32_t, std::size_t> sent;
  struct Sync {
    std::size_t began;
    std::size_t ended;
  };
  std::vector<Sync> syncs;

  void note(const TracedProcess::Call& call) {
    ++calls;
    const bool is_ours = call.number == SYS_lseek && static_cast<int>(call.arguments[0]) == -1;
    // It begins right after the record was made; when it has ended, a sync may have begun
    // meanwhile.
    if (is_ours && !call.has_ended) recorded[static_cast<std::uint32_t>(call.arguments[1])] = calls;
    const bool is_to_client =
        call.number == SYS_write && static_cast<int>(call.arguments[0]) == client;
    if (is_to_client && !call.has_ended) {
      sent[static_cast<std::uint32_t>(call.arguments[2]) - 1] = calls;
    }
    if (call.number == SYS_msync && !call.has_ended) syncs.push_back({calls, 0});
    if (call.number == SYS_msync && call.has_ended) syncs.back().ended = calls;
  }
  [[nodiscard]] bool has_sync_between(std::size_t first, std::size_t last) const {
    return std::ranges::any_of(syncs, [&](const Sync& sync) {
      return sync.began > first && sync.ended != 0 && sync.ended < last;
    });
  }
};

TEST(JournalOrder, SyncsEveryRecordBeforeTheLastBytes) {
#ifdef RELAY_NO_THREADS_AFTER_FORK
  GTEST_SKIP() << "TSan cannot start threads in a forked child";
#endif
  store::TemporaryDirectory parent;
  std::array<int, 2> client{};
  ASSERT_EQ(::pipe(client.data()), 0);
  Order order{.client = client[1]};
  const TracedProcess::Outcome outcome = TracedProcess::watch(
      {.call = 0},
      [&] {
        Relay{parent.path() / "journal", client[1]}.run();
      },
      [&order](const TracedProcess::Call& call) { order.note(call); });
  if (outcome.end == TracedProcess::End::not_permitted) {
    GTEST_SKIP() << "no process may be traced here: allow ptrace (CAP_SYS_PTRACE, seccomp)";
  }
  for (const int end : client) ::close(end);
  ASSERT_EQ(outcome.end, TracedProcess::End::exited);
  ASSERT_EQ(order.recorded.size(), rounds * at_once);
  ASSERT_EQ(order.sent.size(), rounds * at_once);
  for (const auto& [number, sent] : order.sent) {
    EXPECT_TRUE(order.has_sync_between(order.recorded.at(number), sent)) << number;
  }
  fmt::print("{} records in {} syncs\n", order.sent.size(), order.syncs.size());
}

}  // namespace
}  // namespace relay::app
