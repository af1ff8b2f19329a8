#pragma once

#include <cassert>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/frame_pool.h"
#include "exchange/exchange.h"

// An exchange that can be had again and again and costs nothing beside itself: both its ends give
// what was prepared, and remember nothing. For counting instructions and allocations.
namespace relay::exchange {

// What the upstream says each time, piece by piece.
struct PreparedAnswer {
  http::AnswerHead head{.status = 200};
  std::vector<std::string> pieces;
};

class SteadyAnswer final : public http::Answer, public InFramePool {
 public:
  explicit SteadyAnswer(const PreparedAnswer& prepared) noexcept : prepared_{prepared} {}

  const http::AnswerHead& head() const noexcept override { return prepared_.head; }
  Task<Result<http::Chunk>> next(TimePoint) override {
    const std::string& piece = prepared_.pieces[next_++];
    co_return http::Chunk{.bytes = piece, .is_last = next_ == prepared_.pieces.size()};
  }

 private:
  const PreparedAnswer& prepared_;
  std::size_t next_ = 0;
};

struct SteadyUpstream final : http::Upstream {
  PreparedAnswer prepared;

  Task<Result<std::unique_ptr<http::Answer>>> open(http::UpstreamId, const http::UpstreamRequest&,
                                                   TimePoint) override {
    co_return std::make_unique<SteadyAnswer>(prepared);
  }
};

struct SteadyClient final : http::ClientStream {
  http::RequestHead request_head;
  std::string body;
  std::size_t bytes_received = 0;

  const http::RequestHead& head() const noexcept override { return request_head; }
  Address peer() const noexcept override { return {}; }
  Task<Result<std::string_view>> read_body(std::size_t) override {
    co_return std::string_view{body};
  }
  Task<Result<http::Chunk>> next_body() override { co_return http::Chunk{.is_last = true}; }
  void limit_body(std::size_t) override {}
  void begin(const http::ResponseHead&) override {}
  Task<Result<void>> write(std::string_view bytes) override {
    bytes_received += bytes.size();
    co_return {};
  }
  Task<Result<void>> finish(std::string_view bytes) override {
    bytes_received += bytes.size();
    co_return {};
  }
  void cut() noexcept override {}
  Task<void> gone() override { co_await std::suspend_always{}; }
};

struct SteadyLedger final : core::Ledger {
  std::size_t closed = 0;
  core::LedgerEntry last;

  bool is_busy() const noexcept override { return false; }
  Result<core::LedgerSlot> open(const core::LedgerEntry&) override { return core::LedgerSlot{1}; }
  void mark(core::LedgerSlot, const core::LedgerEntry&) noexcept override {}
  void close(core::LedgerSlot, const core::LedgerEntry& entry) noexcept override {
    ++closed;
    last = entry;
  }
};

struct SteadySleeper final : Sleeper {
  explicit SteadySleeper(const Clock& its_clock) : clock{its_clock} {}
  TimePoint now() const noexcept override { return clock.now(); }
  Task<void> sleep_until(TimePoint) override { co_return; }
  const Clock& clock;
};

struct SteadyObserver final : Observer {
  void settled(const core::LedgerEntry&, const Error*) noexcept override {}
  void refused(const http::ClientStream&, const core::RequestId&, const Error&) noexcept override {
    std::abort();
  }
  void began() noexcept override {}
  void retried(http::UpstreamId, std::string_view) noexcept override {}
  void answered(http::UpstreamId, int) noexcept override {}
};

struct SteadyProof final : KeyProof {
  Task<void> prove(const http::RequestHead&) override { co_return; }
};

struct NoBatches final : BatchOwners {
  Task<Result<core::BatchOwner>> claim(std::string, core::BatchOwner claimant) override {
    co_return claimant;
  }
};

// A key, an upstream, and all that is between them.
struct SteadyExchange {
  ManualClock clock;
  SteadySleeper sleeper{clock};
  core::Pepper pepper{Secret{"0123456789abcdef0123456789abcdef"}};
  core::PriceBook prices;
  InputCalibration calibration;
  std::unique_ptr<core::Allowance> allowance = std::make_unique<core::Allowance>(core::Periods{});
  core::Calendar calendar{TimeZone{}};
  Secret key = core::generate_key();
  KeyTable keys;
  Settings settings{
      .upstreams = {{.name = "only", .host = "api.anthropic.com", .api_key = "sk-ant-one"}}};
  Counter wrong_keys;
  CredentialFailures failures{20, wrong_keys};
  Permits exchanges{100};
  Permits drains{1};
  Upstreams upstreams{settings.upstreams};
  SteadyProof proof;
  NoBatches batches;
  SteadyObserver observer;
  SteadyUpstream transport;
  SteadyClient client;
  SteadyLedger ledger;
  Cohort cohort;
  RetryBudget retries{1, TimePoint{}};
  Context context{settings,    keys,      pepper, prices,  failures, exchanges, drains,
                  calibration, upstreams, proof,  batches, observer, clock,     transport,
                  ledger,      sleeper,   cohort, retries, calendar};

  SteadyExchange() {
    clock.advance(std::chrono::hours{1000});
    const KeyEntry entry{.id = core::KeyId{7},
                         .digest = pepper.digest(key.reveal()),
                         .public_id = std::string{core::parse_key(key.reveal())->public_id},
                         .allowance = allowance.get()};
    keys.replace({entry});
    client.request_head.method = http::Method::post;
    client.request_head.target = "/v1/messages";
    client.request_head.path_bytes = client.request_head.target.size();
    http::Fields& fields = client.request_head.fields;
    fields.add("host", "127.0.0.1");
    fields.add("user-agent", "claude-cli/2.1.330 (external, sdk-cli)");
    fields.add("accept", "application/json");
    fields.add("content-type", "application/json");
    fields.add("anthropic-version", "2023-06-01");
    fields.add("anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14");
    fields.add("x-api-key", key.reveal());
  }

  // A question of about 4 KB.
  void ask(bool wants_stream) {
    std::string& body = client.body;
    body = R"({"model":"claude-sonnet-4-5-20250929","max_tokens":1024,"stream":)";
    body += wants_stream ? "true" : "false";
    body += R"(,"messages":[{"role":"user","content":")";
    while (body.size() < 4'000) body += R"(Some words, a \"quote\" and a line.\n)";
    body += R"("}]})";
    client.request_head.body = {.kind = http::Framing::length, .length = body.size()};
  }

  // An answer of about 1.5 KB in one piece.
  void answer_whole() {
    std::string text;
    while (text.size() < 1'150) text += "The quick brown fox jumps over the lazy dog; ";
    prepare("application/json");
    transport.prepared.pieces = {
        R"({"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",)"
        R"("content":[{"type":"text","text":")" +
        text +
        R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1125,)"
        R"("cache_creation_input_tokens":512,"cache_read_input_tokens":20480,)"
        R"("output_tokens":357}})"};
    transport.prepared.head.body = {.kind = http::Framing::length,
                                    .length = transport.prepared.pieces.front().size()};
  }

  // A stream of so many deltas, each in a piece of its own.
  void answer_stream(std::size_t deltas) {
    prepare("text/event-stream; charset=utf-8");
    transport.prepared.head.body = {.kind = http::Framing::chunked};
    std::vector<std::string>& pieces = transport.prepared.pieces;
    pieces = {
        "event: message_start\n"
        R"(data: {"type":"message_start","message":{"id":"msg_01","type":"message","role":)"
        R"("assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,)"
        R"("usage":{"input_tokens":1125,"cache_creation_input_tokens":512,)"
        R"("cache_read_input_tokens":20480,"output_tokens":1}}})"
        "\n\n"};
    pieces.insert(pieces.end(), deltas,
                  "event: content_block_delta\n"
                  R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                  R"("text":" a few words of model output"}})"
                  "\n\n");
    pieces.emplace_back(
        "event: message_delta\n"
        R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)"
        R"({"output_tokens":357}})"
        "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  }

  // The whole of it, from the request's head to its ledger entry.
  void run() {
    const std::size_t closed = ledger.closed;
    Task<void> exchange = serve(context, client);
    exchange.start();
    assert(exchange.done() && ledger.closed == closed + 1);
    assert(ledger.last.delivery == core::Delivery::complete && ledger.last.usage.output == 357);
  }

 private:
  void prepare(std::string_view type) {
    http::Fields& fields = transport.prepared.head.fields;
    fields.clear();
    fields.add("content-type", type);
    fields.add("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy");
    fields.add("anthropic-ratelimit-requests-remaining", "3999");
    fields.add("server", "cloudflare");
  }
};

}  // namespace relay::exchange
