// Budget: 500 ns for the line of an exchange, until it is in the file.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "base/log.h"

namespace relay {
namespace {

struct Bench {
  std::filesystem::path directory = "log_bench";
  SystemClock clock;
  std::unique_ptr<Log> log;

  Bench() {
    std::filesystem::create_directory(directory);
    const LogOptions options = {.format = LogFormat::json, .file = directory / "access.log"};
    log = Log::open(options, clock).value();
    log->mask(Secret{"sk-ant-api03-0123456789abcdef"});
    log->mask(Secret{"a-secret-key-of-thirty-two-bytes"});
    log->mask(Secret{"correct horse battery staple"});
    set_process_log(log.get());
  }
  ~Bench() {
    log.reset();
    std::filesystem::remove_all(directory);
  }
};

// What the relay writes of a small exchange.
void write_line(std::int64_t input_tokens) {
  log_access({{"request_id", "req_0Tq7kP2mXv5RzN8cLd3JwYbA"},
              {"key_id", std::int64_t{7}},
              {"endpoint", "messages"},
              {"model", "claude-sonnet-4-5-20250929"},
              {"status", std::int64_t{200}},
              {"outcome", "ok"},
              {"stream", false},
              {"ttft_ms", std::int64_t{12}},
              {"dur_ms", std::int64_t{13}},
              {"attempts", std::int64_t{1}},
              {"upstream", "anthropic"},
              {"upstream_request_id", "req_011CVBxyzABCdefGHIjkl"},
              {"input_tokens", input_tokens},
              {"output_tokens", std::int64_t{305}},
              {"cache_write_tokens", std::int64_t{0}},
              {"cache_read_tokens", std::int64_t{0}},
              {"estimated", false},
              {"cost_nano_usd", std::int64_t{7'611'000}},
              {"client", "192.0.2.17"},
              {"detail", ""}});
}

// As many as a busy relay writes while a batch fills.
void write_and_flush(benchmark::State& state) {
  constexpr int lines = 200;
  Bench bench;
  for (auto _ : state) {
    for (int i = 0; i < lines; ++i) write_line(i);
    bench.log->flush();
  }
  state.SetItemsProcessed(state.iterations() * lines);
}
BENCHMARK(write_and_flush)->UseRealTime();

}  // namespace
}  // namespace relay
