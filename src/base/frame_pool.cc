#include "base/frame_pool.h"

#include "base/guarded.h"

namespace relay::detail {
namespace {

constexpr std::size_t slab_bytes = 64 * 1024;
static_assert(slab_bytes % frame_granule_bytes == 0);

void put(FreeFrames& frames, void* memory, std::size_t which) noexcept {
  frames[which] = ::new (memory) FreeFrame{frames[which]};
}

// What threads that have ended leave to those that begin.
Guarded<FreeFrames>& left_behind() {
  static Guarded<FreeFrames> frames;
  return frames;
}

// What no frame was made of yet.
struct Slab {
  char* at = nullptr;
  char* end = nullptr;

  [[nodiscard]] std::size_t room() const noexcept { return static_cast<std::size_t>(end - at); }
};
constinit thread_local Slab slab = {};

// Of a thread that uses the pool.
struct User {
  User() {
    FreeFrames taken = {};
    std::swap(*left_behind().lock(), taken);
    for (std::size_t which = 0; which < frame_classes; ++which) move(taken, free_frames, which);
  }
  ~User() {
    auto heirs = left_behind().lock();
    for (std::size_t which = 0; which < frame_classes; ++which) move(free_frames, *heirs, which);
  }
  static void move(FreeFrames& from, FreeFrames& to, std::size_t which) noexcept {
    while (FreeFrame* const frame = from[which]) {
      from[which] = frame->next;
      put(to, frame, which);
    }
  }
};

void* taken_from(FreeFrames& frames, std::size_t which) noexcept {
  FreeFrame* const frame = frames[which];
  if (frame != nullptr) frames[which] = frame->next;
  return frame;
}

// The beginning of a larger one that is free; its rest is another.
void* split_off(FreeFrames& frames, std::size_t which) noexcept {
  for (std::size_t larger = which + 1; larger < frame_classes; ++larger) {
    auto* const frame = static_cast<char*>(taken_from(frames, larger));
    if (frame == nullptr) continue;
    const std::size_t bytes = frame_bytes(which);
    put(frames, frame + bytes, frame_class(frame_bytes(larger) - bytes));
    return frame;
  }
  return nullptr;
}

}  // namespace

constinit thread_local FreeFrames free_frames = {};

void* new_frame(std::size_t which) {
  thread_local const User user;
  static_cast<void>(&user);
  if (void* const frame = taken_from(free_frames, which)) return frame;
  if (void* const frame = split_off(free_frames, which)) return frame;
  const std::size_t bytes = frame_bytes(which);
  if (slab.room() < bytes) {
    auto* const fresh = static_cast<char*>(::operator new(slab_bytes));
    if (slab.room() > 0) put(free_frames, slab.at, frame_class(slab.room()));
    slab = {fresh, fresh + slab_bytes};
  }
  slab.at += bytes;
  return slab.at - bytes;
}

}  // namespace relay::detail
