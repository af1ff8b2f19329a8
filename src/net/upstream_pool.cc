#include "net/upstream_pool.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace relay::net {
namespace {

void add_one(std::atomic<std::uint64_t>& count) noexcept {
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// Of an upstream that has waited for too long on an idle connection, and not for the request that
// crossed this on the way (RFC 9110 section 15.5.9).
bool is_end_of_waiting(const http::AnswerHead& head) noexcept {
  return head.status == 408 && !head.keep_alive;
}

}  // namespace

UpstreamPool::UpstreamPool(Loop& loop, Connector& connector, Buffers& buffers,
                           std::vector<UpstreamSettings> upstreams)
    : loop_{loop}, connector_{connector}, buffers_{buffers} {
  for (UpstreamSettings& settings : upstreams) {
    places_.push_back({.settings = std::move(settings)});
    places_.back().idle.reserve(limits::idle_upstream_connections_max);
  }
}

Task<Result<std::unique_ptr<http::Answer>>> UpstreamPool::open(http::UpstreamId upstream,
                                                               const http::UpstreamRequest& request,
                                                               TimePoint head_deadline) {
  co_await Cohort::Step{loop_.cohort()};
  Place& there = place(upstream);
  std::optional<Stream> kept;
  if (request.rest == nullptr) kept = take_idle(there);
  if (kept) {
    add_one(counters_.reused);
    std::unique_ptr<UpstreamExchange> exchange = exchange_on(upstream, std::move(*kept));
    const Result<void> begun = co_await exchange->begin(request, head_deadline);
    const bool is_answered = begun && !is_end_of_waiting(exchange->head());
    if (is_answered) co_return exchange;
    const bool is_final = !begun && begun.error().retry != Retry::same_upstream;
    if (is_final) co_return std::unexpected(begun.error());
    add_one(counters_.stale);
  }
  Result<Stream> fresh = co_await connect(there.settings, head_deadline);
  if (!fresh) co_return std::unexpected(fresh.error());
  std::unique_ptr<UpstreamExchange> exchange = exchange_on(upstream, std::move(*fresh));
  const Result<void> begun = co_await exchange->begin(request, head_deadline);
  if (!begun) co_return std::unexpected(begun.error());
  co_return exchange;
}

Task<Result<Stream>> UpstreamPool::connect(const UpstreamSettings& settings,
                                           TimePoint head_deadline) {
  const TimePoint deadline = std::min(head_deadline, loop_.now() + settings.connect_timeout);
  Result<Stream> stream = co_await connector_.connect(settings.target, deadline);
  if (stream) add_one(counters_.opened);
  co_return stream;
}

std::unique_ptr<UpstreamExchange> UpstreamPool::exchange_on(http::UpstreamId upstream,
                                                            Stream stream) {
  return std::make_unique<UpstreamExchange>(*this, upstream, std::move(stream));
}

void UpstreamPool::put_back(http::UpstreamId upstream, Stream stream) noexcept {
  Place& there = place(upstream);
  if (there.idle.size() == limits::idle_upstream_connections_max) {
    there.idle.erase(there.idle.begin());
  }
  there.idle.push_back({std::move(stream), loop_.now()});
  count_idle();
}

std::optional<Stream> UpstreamPool::take_idle(Place& place) noexcept {
  std::optional<Stream> found;
  while (!found && !place.idle.empty()) {
    Idle last = std::move(place.idle.back());
    place.idle.pop_back();
    if (is_fit(last)) found = std::move(last.stream);
  }
  count_idle();
  return found;
}

bool UpstreamPool::is_fit(Idle& idle) noexcept {
  return loop_.now() - idle.since < limits::idle_upstream_connection_max &&
         idle.stream.is_quiet(buffers_.stream);
}

Task<void> UpstreamPool::tend() {
  for (;;) {
    co_await loop_.sleep_until(loop_.now() + limits::idle_upstream_check_interval);
    for (Place& place : places_) close_unfit(place);
    count_idle();
  }
}

void UpstreamPool::close_unfit(Place& place) noexcept {
  std::erase_if(place.idle, [this](Idle& idle) { return !is_fit(idle); });
}

void UpstreamPool::close_idle() noexcept {
  for (Place& place : places_) place.idle.clear();
  count_idle();
}

UpstreamPool::Place& UpstreamPool::place(http::UpstreamId upstream) noexcept {
  const auto index = static_cast<std::size_t>(upstream);
  assert(index < places_.size());
  return places_[index];
}

void UpstreamPool::count_idle() noexcept {
  std::size_t idle = 0;
  for (const Place& place : places_) idle += place.idle.size();
  counters_.idle.store(idle, std::memory_order_relaxed);
}

}  // namespace relay::net
