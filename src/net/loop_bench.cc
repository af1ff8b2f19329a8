// What a round trip costs: both ends run on one loop, over TCP on this machine, so a trip is two
// sends and two reads. `strace -c` shows that it takes no other system call but the waits.
#include <benchmark/benchmark.h>

#include <optional>
#include <string>

#include "net/listener.h"
#include "net/stream.h"

namespace relay::net {
namespace {

Task<void> accept_into(Listener& listener, std::optional<Stream>& accepted) {
  IoResult<Socket> socket = co_await listener.accept(no_deadline);
  accepted.emplace(std::move(*socket));
}
Task<void> connect_into(Loop& loop, Endpoint to, std::optional<Stream>& connected) {
  IoResult<Socket> socket = co_await connect(loop, to, no_deadline);
  connected.emplace(std::move(*socket));
}

Task<void> echo(Stream& stream, BufferPool& pool) {
  for (;;) {
    const IoResult<Buffer> heard = co_await stream.read(pool, no_deadline);
    if (!heard || heard->empty()) co_return;
    const IoResult<void> said = co_await stream.write({heard->bytes()}, limits::write_stall_max);
    if (!said) co_return;
  }
}
Task<void> send_and_count(Stream& stream, BufferPool& pool, std::string_view words,
                          std::size_t& trips) {
  for (;; ++trips) {
    const IoResult<void> said = co_await stream.write({words}, limits::write_stall_max);
    if (!said) co_return;
    std::size_t heard = 0;
    while (heard < words.size()) {
      const IoResult<Buffer> part = co_await stream.read(pool, no_deadline);
      if (!part || part->empty()) co_return;
      heard += part->bytes().size();
    }
  }
}

void round_trip(benchmark::State& state) {
  const SystemClock clock;
  Loop loop{clock};
  BufferPool pool{static_cast<std::size_t>(state.range(1))};
  Listener listener = *Listener::open(loop, Endpoint::loopback(0));
  std::optional<Stream> near, far;
  Task<void> accepting = accept_into(listener, far), connecting;
  accepting.start();
  connecting = connect_into(loop, listener.endpoint(), near);
  connecting.start();
  while (!near || !far) loop.poll();

  const std::string words(static_cast<std::size_t>(state.range(0)), 'x');
  std::size_t trips = 0;
  Task<void> echoing = echo(*far, pool), sending = send_and_count(*near, pool, words, trips);
  echoing.start();
  sending.start();
  for (auto _ : state) {
    const std::size_t before = trips;
    while (trips == before) loop.poll();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(round_trip)
    ->Args({64, limits::stream_buffer_bytes})
    ->Args({200 * limits::kib, limits::stream_buffer_bytes})
    ->Args({200 * limits::kib, limits::bulk_buffer_bytes});

}  // namespace
}  // namespace relay::net
