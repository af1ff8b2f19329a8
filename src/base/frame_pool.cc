#include "base/frame_pool.h"

namespace relay::detail {
namespace {

// Frees what is kept when the thread ends.
struct LastOne {
  ~LastOne() {
    for (FreeFrames& kept : free_frames) {
      while (kept.first != nullptr) {
        FreeFrame* const frame = kept.first;
        kept.first = frame->next;
        ::operator delete(frame);
      }
      kept.count = frames_kept_max;  // What is freed later still is not kept.
    }
  }
};

}  // namespace

constinit thread_local std::array<FreeFrames, frame_classes> free_frames = {};

void* new_frame(std::size_t bytes) {
  thread_local const LastOne last;
  static_cast<void>(&last);
  return ::operator new((frame_class(bytes) + 1) * frame_granule_bytes);
}

}  // namespace relay::detail
