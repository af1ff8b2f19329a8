#include "net/idle_bodies.h"

#include <utility>

#include "base/limits.h"

namespace relay::net {

BodyMemory IdleBodies::take(std::size_t bytes) noexcept {
  auto best = idle_.end();
  for (auto one = idle_.begin(); one != idle_.end(); ++one) {
    const bool is_fit = bytes <= one->size && one->size / 2 < bytes;
    if (is_fit && (best == idle_.end() || one->size <= best->size)) best = one;
  }
  if (best == idle_.end()) return {};
  BodyMemory taken = std::move(*best);
  idle_.erase(best);
  bytes_ -= taken.size;
  return taken;
}

void IdleBodies::put_back(BodyMemory memory) {
  const bool is_kept =
      memory.size >= limits::idle_body_bytes_min && memory.size <= limits::idle_bodies_bytes_max;
  if (!is_kept) return;
  bytes_ += memory.size;
  idle_.push_back(std::move(memory));
  auto oldest = idle_.begin();
  for (; bytes_ > limits::idle_bodies_bytes_max; ++oldest) bytes_ -= oldest->size;
  idle_.erase(idle_.begin(), oldest);
}

}  // namespace relay::net
