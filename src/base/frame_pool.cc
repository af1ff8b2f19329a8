#include "base/frame_pool.h"

#include <array>
#include <new>

namespace relay {
namespace {

constexpr std::size_t granule_bytes = 64;
constexpr std::size_t classes = 32;  // Frames up to 2 KiB; larger ones are not kept.
constexpr std::size_t kept_per_class_max = 4'096;

struct Free {
  Free* next;
};

// Sanitizers should see every frame come and go.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool keeps = false;
#else
constexpr bool keeps = true;
#endif
#else
constexpr bool keeps = true;
#endif

struct Class {
  Free* first = nullptr;
  std::size_t count = 0;
};

struct Pool {
  std::array<Class, classes> by_size;
  ~Pool() {
    for (Class& kept : by_size) {
      while (kept.first != nullptr) {
        Free* const frame = kept.first;
        kept.first = frame->next;
        ::operator delete(frame);
      }
    }
  }
};

thread_local Pool pool;

constexpr std::size_t class_of(std::size_t bytes) noexcept {
  return (bytes + granule_bytes - 1) / granule_bytes - 1;
}

}  // namespace

void* allocate_frame(std::size_t bytes) {
  const std::size_t which = class_of(bytes);
  if (!keeps || which >= classes) return ::operator new(bytes);
  Class& kept = pool.by_size[which];
  if (kept.first == nullptr) return ::operator new((which + 1) * granule_bytes);
  --kept.count;
  Free* const frame = kept.first;
  kept.first = frame->next;
  return frame;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t which = class_of(bytes);
  if (!keeps || which >= classes || pool.by_size[which].count == kept_per_class_max) {
    ::operator delete(frame);
    return;
  }
  Class& kept = pool.by_size[which];
  kept.first = ::new (frame) Free{kept.first};
  ++kept.count;
}

}  // namespace relay
