#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace relay {
namespace detail {

inline constexpr std::size_t frame_granule_bytes = 64;
inline constexpr std::size_t frame_classes = 32;  // Frames up to 2 KiB; larger ones are not kept.
inline constexpr std::uint32_t frames_kept_max = 4'096;  // Of each class.

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
struct FreeFrames {
  FreeFrame* first = nullptr;
  std::uint32_t count = 0;
};

// By size. Needs no construction, so that using it is no call.
extern constinit thread_local std::array<FreeFrames, frame_classes> free_frames;

constexpr std::size_t frame_class(std::size_t bytes) noexcept {
  return (bytes + frame_granule_bytes - 1) / frame_granule_bytes - 1;
}

void* new_frame(std::size_t bytes);

}  // namespace detail

// Memory for coroutine frames: freed frames are kept by size, per thread, so that an exchange in
// the steady state allocates none. A frame must be freed on the thread that allocated it, which is
// what Task promises. Where the size is known to the compiler, either is a few instructions.

inline void* allocate_frame(std::size_t bytes) {
  const std::size_t which = detail::frame_class(bytes);
  if (!detail::keeps_frames || which >= detail::frame_classes) return ::operator new(bytes);
  detail::FreeFrames& kept = detail::free_frames[which];
  if (kept.first == nullptr) return detail::new_frame(bytes);
  detail::FreeFrame* const frame = kept.first;
  kept.first = frame->next;
  --kept.count;
  return frame;
}

inline void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t which = detail::frame_class(bytes);
  if (!detail::keeps_frames || which >= detail::frame_classes ||
      detail::free_frames[which].count == detail::frames_kept_max) {
    return ::operator delete(frame);
  }
  detail::FreeFrames& kept = detail::free_frames[which];
  kept.first = ::new (frame) detail::FreeFrame{kept.first};
  ++kept.count;
}

}  // namespace relay
