#pragma once

#include <cstddef>

namespace relay {

// Memory for coroutine frames: freed frames are kept by size, per thread, so that an exchange in
// the steady state allocates none. A frame must be freed on the thread that allocated it, which is
// what Task promises.
void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace relay
