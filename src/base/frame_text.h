#pragma once

#include <cstddef>
#include <string>

#include "base/frame_pool.h"

namespace relay {

// Memory of the frame pool for containers of the standard library.
template <typename T>
struct FrameAllocator {
  using value_type = T;

  FrameAllocator() noexcept = default;
  template <typename Other>
  explicit(false) FrameAllocator(const FrameAllocator<Other>&) noexcept {}

  T* allocate(std::size_t count) { return static_cast<T*>(allocate_frame(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { free_frame(memory, count * sizeof(T)); }

  friend bool operator==(FrameAllocator, FrameAllocator) noexcept { return true; }
};

// A text of an exchange, as long as its frames live, and of their thread.
using FrameText = std::basic_string<char, std::char_traits<char>, FrameAllocator<char>>;

}  // namespace relay
