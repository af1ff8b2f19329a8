#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace relay {
namespace detail {

inline constexpr std::size_t frame_granule_bytes = 16;
inline constexpr std::size_t frame_classes = 128;  // Frames up to 2 KiB; larger ones are not kept.

// Sanitizers should see every frame come and go.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool keeps_frames = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool keeps_frames = false;
#else
inline constexpr bool keeps_frames = true;
#endif
#else
inline constexpr bool keeps_frames = true;
#endif

struct FreeFrame {
  FreeFrame* next;
};
using FreeFrames = std::array<FreeFrame*, frame_classes>;  // By size.

// Needs no construction, so that using it is no call.
extern constinit thread_local FreeFrames free_frames;

constexpr std::size_t frame_class(std::size_t bytes) noexcept {
  return (bytes + frame_granule_bytes - 1) / frame_granule_bytes - 1;
}
constexpr std::size_t frame_bytes(std::size_t which) noexcept {
  return (which + 1) * frame_granule_bytes;
}

// Where none is free.
void* new_frame(std::size_t which);

}  // namespace detail

// Memory for coroutine frames and what lives as long: freed frames are kept by size, per thread, so
// that an exchange in the steady state allocates none. Where the size is known to the compiler,
// either is a few instructions.
//
// They lie in slabs, close to each other and apart from everything else: what an exchange needs for
// a moment only leaves no holes between frames that stay for long. So what is freed serves the next
// frames and is not given back.
//
// A frame should be freed on the thread that allocated it, which is what Task promises: else it
// stays with the one that frees it.

inline void* allocate_frame(std::size_t bytes) {
  const std::size_t which = detail::frame_class(bytes);
  if (!detail::keeps_frames || which >= detail::frame_classes) return ::operator new(bytes);
  detail::FreeFrame* const frame = detail::free_frames[which];
  if (frame == nullptr) return detail::new_frame(which);
  detail::free_frames[which] = frame->next;
  return frame;
}

inline void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t which = detail::frame_class(bytes);
  if (!detail::keeps_frames || which >= detail::frame_classes) return ::operator delete(frame);
  detail::free_frames[which] = ::new (frame) detail::FreeFrame{detail::free_frames[which]};
}

// What derives from it has its memory there.
struct InFramePool {
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    free_frame(memory, bytes);
  }
};

}  // namespace relay
