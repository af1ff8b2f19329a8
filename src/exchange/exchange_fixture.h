#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/rfc3339.h"
#include "exchange/exchange.h"

// Both ends of an exchange, scripted, and a ledger that can be asked.
namespace relay::exchange {

using namespace std::chrono_literals;

// A waiting coroutine that a test resumes; forgotten when its task is destroyed.
class Gate {
 public:
  Task<void> wait() { co_await Wait{*this}; }
  void open() {
    is_open_ = true;
    if (waiter_) std::exchange(waiter_, nullptr).resume();
  }
  [[nodiscard]] bool has_waiter() const { return static_cast<bool>(waiter_); }

 private:
  struct Wait {
    Gate& gate;
    bool await_ready() const { return gate.is_open_; }
    void await_suspend(std::coroutine_handle<> waiter) { gate.waiter_ = waiter; }
    void await_resume() const {}
    ~Wait() { gate.waiter_ = nullptr; }
  };
  std::coroutine_handle<> waiter_;
  bool is_open_ = false;
};

// What comes after what of a body: bytes, a failure, silence until the deadline, or until the test
// opens the answer's gate.
struct Silence {};
struct Stall {};
using Step = std::variant<std::string, Error, Silence, Stall>;

struct ScriptedAnswer final : http::Answer {
  http::AnswerHead answer_head{.status = 200};
  std::deque<Step> steps;
  ManualClock* clock = nullptr;
  bool* destroyed = nullptr;
  bool has_head = true;
  std::string current;
  Gate gate;

  ~ScriptedAnswer() override {
    if (destroyed != nullptr) *destroyed = true;
  }
  const http::AnswerHead& head() const noexcept override {
    EXPECT_TRUE(has_head) << "it was dropped";
    return answer_head;
  }
  void drop_head() noexcept override { has_head = false; }
  Task<Result<http::Chunk>> next(TimePoint deadline) override {
    if (!steps.empty() && std::holds_alternative<Stall>(steps.front())) {
      co_await gate.wait();
      steps.pop_front();
    }
    if (steps.empty()) co_return http::Chunk{.is_last = true};
    Step step = std::move(steps.front());
    steps.pop_front();
    if (std::holds_alternative<Silence>(step)) {
      clock->advance(deadline - clock->now());
      co_return std::unexpected(
          Error{.code = ErrorCode::upstream_timeout, .origin = Origin::upstream});
    }
    if (auto* error = std::get_if<Error>(&step)) co_return std::unexpected(*error);
    current = std::get<std::string>(step);
    co_return http::Chunk{.bytes = current, .is_last = steps.empty()};
  }
};

struct ScriptedUpstream final : http::Upstream {
  std::deque<std::variant<std::unique_ptr<ScriptedAnswer>, Error>> answers;
  std::vector<http::UpstreamId> asked;
  std::vector<std::string> heads;
  std::vector<std::string> bodies;
  Gate before_head{};
  bool stalls = false;
  bool connects = true;  // Else it stalls before anything was sent.

  Task<Result<std::unique_ptr<http::Answer>>> open(http::UpstreamId upstream,
                                                   const http::UpstreamRequest& request,
                                                   TimePoint) override {
    asked.push_back(upstream);
    heads.emplace_back(request.head);
    bodies.emplace_back(request.body);
    if (request.was_sent != nullptr) *request.was_sent = connects;
    if (stalls) co_await before_head.wait();
    auto next = std::move(answers.front());
    answers.pop_front();
    if (auto* error = std::get_if<Error>(&next)) co_return std::unexpected(*error);
    std::unique_ptr<http::Answer> answer = std::move(std::get<0>(next));
    co_return answer;
  }
};

struct RecordingClient final : http::ClientStream {
  http::RequestHead request_head;
  std::string body;
  std::optional<std::string> held;  // Of the body: until it is dropped.
  bool has_head = true;
  http::ResponseHead answered{.status = 0};
  std::string received;
  bool has_begun = false;
  bool has_sent = false;
  bool is_finished = false;
  bool is_cut = false;
  int writes_until_gone = 1'000;
  Gate leaving;
  bool has_to_end = false;
  Address address = parse_address("192.0.2.1").value();
  std::function<void()> on_finish = [] {};

  const http::RequestHead& head() const noexcept override {
    EXPECT_TRUE(has_head || !has_begun) << "it was dropped";
    return request_head;
  }
  Address peer() const noexcept override { return address; }
  Task<Result<std::string_view>> read_body(std::size_t bytes_max) override {
    if (body.size() > bytes_max) {
      co_return std::unexpected(
          Error{.code = ErrorCode::request_too_large, .origin = Origin::client});
    }
    co_return std::string_view{held.emplace(body)};
  }
  void drop_body() noexcept override { held.reset(); }
  void drop_head() noexcept override { has_head = false; }
  Task<Result<http::Chunk>> next_body() override { co_return http::Chunk{.is_last = true}; }
  void limit_body(std::size_t) override {}
  void begin(const http::ResponseHead& head) override {
    if (!has_begun) has_sent = false;  // It is another request.
    ASSERT_FALSE(has_sent) << "an answer has one head";
    has_begun = true;
    answered = head;
  }
  Task<Result<void>> write(std::string_view bytes) override {
    EXPECT_TRUE(has_begun) << "a head comes first";
    has_sent = true;
    if (writes_until_gone-- == 0) {
      co_return std::unexpected(Error{.code = ErrorCode::client_gone, .origin = Origin::client});
    }
    received += bytes;
    co_return {};
  }
  Task<Result<void>> finish(std::string_view bytes) override {
    EXPECT_TRUE(has_begun) << "a head comes first";
    has_sent = true;
    on_finish();
    received += bytes;
    is_finished = true;
    co_return {};
  }
  void cut() noexcept override { is_cut = true; }
  Task<void> gone() override { return leaving.wait(); }
  bool must_end() const noexcept override { return has_to_end; }
};

struct RecordingLedger final : core::Ledger {
  std::vector<core::LedgerEntry> closed;
  core::Usage marked;  // The last one.
  int marks = 0;
  int open_count = 0;
  bool is_full = false;

  core::LedgerEntry opened;                               // The last one.
  std::map<core::LedgerSlot, core::LedgerEntry> running;  // As a killed process would leave them.
  std::function<void()> changed = [] {};

  mutable int busy_asks = 0;  // How often it is still going to be busy when asked.

  bool is_busy() const noexcept override { return busy_asks > 0 && busy_asks-- > 0; }

  Result<core::LedgerSlot> open(const core::LedgerEntry& begun) override {
    if (is_full) {
      return std::unexpected(Error{.code = ErrorCode::overloaded, .origin = Origin::relay});
    }
    const auto slot = static_cast<core::LedgerSlot>(++open_count);
    opened = running[slot] = begun;
    changed();
    return slot;
  }
  void mark(core::LedgerSlot slot, const core::LedgerEntry& so_far) noexcept override {
    marked = so_far.usage;
    running[slot] = so_far;
    ++marks;
    changed();
  }
  void close(core::LedgerSlot slot, const core::LedgerEntry& entry) noexcept override {
    running.erase(slot);
    closed.push_back(entry);
    changed();
  }

  // What all of it comes to, were the process killed now.
  [[nodiscard]] core::Usage owed() const {
    core::Usage sum;
    for (const core::LedgerEntry& entry : closed) sum += entry.usage;
    for (const auto& [slot, entry] : running) sum += entry.usage;
    return sum;
  }
};

// Sleeping takes no time here, but the clock moves; unless the test wants to wake who sleeps.
struct ManualSleeper final : Sleeper {
  explicit ManualSleeper(ManualClock& its_clock) : clock{its_clock} {}
  TimePoint now() const noexcept override { return clock.now(); }
  Task<void> sleep_until(TimePoint due) override {
    if (waits) co_await alarm.wait();
    if (due > clock.now()) clock.advance(due - clock.now());
  }
  ManualClock& clock;
  bool waits = false;
  Gate alarm;
};

struct SilentObserver final : Observer {
  std::vector<std::string> retries;
  std::vector<ErrorCode> refusals;
  void settled(const core::LedgerEntry&, const Error*) noexcept override {}
  void refused(const http::ClientStream&, const core::RequestId&,
               const Error& error) noexcept override {
    refusals.push_back(error.code);
  }
  void began() noexcept override {}
  void retried(http::UpstreamId, std::string_view reason) noexcept override {
    retries.emplace_back(reason);
  }
  void answered(http::UpstreamId, int) noexcept override {}
};

struct NoProof final : KeyProof {
  Task<void> prove(const http::RequestHead&) override { co_return; }
};

// A disk that takes what it is given when the test opens its gate.
struct SlowDisk final : Durability {
  Gate gate;
  Task<void> reached() override { return gate.wait(); }
};

// Remembers who claimed what; cannot tell while it is away.
struct ScriptedOwners final : BatchOwners {
  std::map<std::string, core::BatchOwner> owners;
  bool is_away = false;

  Task<Result<core::BatchOwner>> claim(std::string batch, core::BatchOwner claimant) override {
    if (is_away) {
      co_return std::unexpected(
          Error{.code = ErrorCode::store_unavailable, .origin = Origin::store});
    }
    co_return owners.emplace(std::move(batch), claimant).first->second;
  }
};

inline const std::string start =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":"
    "\"claude-opus-5-5\",\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n";
inline const std::string delta =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n";
inline const std::string finish =
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":"
    "{\"output_tokens\":15}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
inline const std::string overloaded =
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
    "\"Overloaded\"}}\n\n";

inline const Error broken{.code = ErrorCode::upstream_unavailable,
                          .origin = Origin::upstream,
                          .retry = Retry::other_upstream};

// All that an exchange meets with: one key, two upstreams, and whatever the test scripts.
struct ExchangeWorld {
  ManualClock clock;
  ManualSleeper sleeper{clock};
  core::Pepper pepper{Secret{"0123456789abcdef0123456789abcdef"}};
  core::PriceBook prices;
  InputCalibration calibration;
  core::Calendar calendar{TimeZone{}};
  Secret key = core::generate_key();
  const WallTime today = parse_rfc3339("2026-11-25T12:00:00Z").value();
  core::Allowance allowance{calendar.at(today)};
  KeyTable keys;
  std::optional<core::Tier> tier;  // Of the key.
  Settings settings{
      .upstreams = {
          {.name = "first", .host = "one.test", .api_key = "sk-ant-one"},
          {.name = "second", .host = "two.test", .api_key = "sk-ant-two", .priority = 1}}};
  Counter wrong_keys;
  CredentialFailures failures{2, wrong_keys};
  Permits exchanges{2};
  Permits drains{1};
  Upstreams upstreams{settings.upstreams};
  NoProof proof;
  ScriptedOwners batches;
  SilentObserver observer;
  ScriptedUpstream transport;
  RecordingClient client;
  RecordingLedger ledger;
  Cohort cohort;
  RetryBudget retries{1, TimePoint{}};
  Context context{settings,    keys,      pepper, prices,  failures, exchanges, drains,
                  calibration, upstreams, proof,  batches, observer, clock,     transport,
                  ledger,      sleeper,   cohort, retries, calendar};

  ExchangeWorld() {
    clock.advance(1000h);
    clock.set_wall(today);
    know_key([](KeyEntry&) {});
    client.request_head.method = http::Method::post;
    client.request_head.target = "/v1/messages";
    client.request_head.path_bytes = client.request_head.target.size();
    client.request_head.fields.add("x-api-key", key.reveal());
    client.request_head.fields.add("anthropic-version", "2023-06-01");
    client.body = R"({"model":"claude-opus-5-5","max_tokens":64,"stream":true,"messages":[]})";
  }
  template <typename Change>
  void know_key(Change change) {
    KeyEntry entry{.id = core::KeyId{7},
                   .digest = pepper.digest(key.reveal()),
                   .public_id = std::string{core::parse_key(key.reveal())->public_id},
                   .allowance = &allowance};
    change(entry);
    entry.allowed = core::allowance_terms(entry.terms, tier ? &*tier : nullptr, 0);
    keys.replace({entry});
  }

  ScriptedAnswer& upstream_streams(std::initializer_list<Step> steps) {
    auto answer = std::make_unique<ScriptedAnswer>();
    answer->answer_head.fields.add("content-type", "text/event-stream; charset=utf-8");
    answer->answer_head.fields.add("request-id", "req_upstream");
    answer->steps = steps;
    answer->clock = &clock;
    ScriptedAnswer& scripted = *answer;
    transport.answers.emplace_back(std::move(answer));
    return scripted;
  }
  ScriptedAnswer& upstream_refuses(int status, std::string body) {
    auto answer = std::make_unique<ScriptedAnswer>();
    answer->answer_head.status = status;
    answer->answer_head.fields.add("content-type", "application/json");
    answer->steps = {std::move(body)};
    answer->clock = &clock;
    ScriptedAnswer& scripted = *answer;
    transport.answers.emplace_back(std::move(answer));
    return scripted;
  }
  void run() {
    Task<void> exchange = serve(context, client);
    exchange.start();
    EXPECT_TRUE(exchange.done());
  }
};

struct ExchangeTest : testing::Test, ExchangeWorld {
  static auto entry(core::Usage usage, core::Delivery delivery) {
    return testing::AllOf(testing::Field(&core::LedgerEntry::usage, usage),
                          testing::Field(&core::LedgerEntry::delivery, delivery));
  }
};

}  // namespace relay::exchange
