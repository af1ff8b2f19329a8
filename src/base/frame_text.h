#pragma once

#include <bit>
#include <cstddef>
#include <string>

#include "base/frame_pool.h"

namespace relay {

// Memory of the frame pool for containers of the standard library. Containers of all sizes are to
// share a few sizes of frames, of which each keeps as many as it ever needed at once.
template <typename T>
struct FrameAllocator {
  using value_type = T;

  FrameAllocator() noexcept = default;
  template <typename Other>
  explicit(false) FrameAllocator(const FrameAllocator<Other>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(allocate_frame(bytes_of(count))); }
  void deallocate(T* memory, std::size_t count) noexcept { free_frame(memory, bytes_of(count)); }

  friend bool operator==(FrameAllocator, FrameAllocator) noexcept { return true; }

 private:
  static std::size_t bytes_of(std::size_t count) noexcept {
    return std::bit_ceil(count * sizeof(T));
  }
};

// A text of an exchange, as long as its frames live, and of their thread.
using FrameText = std::basic_string<char, std::char_traits<char>, FrameAllocator<char>>;

}  // namespace relay
