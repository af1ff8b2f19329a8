#pragma once

#include <string>

#include "http/head.h"
#include "net/buffer_pool.h"
#include "net/idle_bodies.h"
#include "net/spares.h"

namespace relay::net {

// The buffers of one loop: for what comes as it likes, for the little of it that has to stay, and
// large ones where much more is known to be due; and what becomes of bodies that are held whole,
// and of heads.
struct Buffers {
  BufferPool stream{limits::stream_buffer_bytes};
  BufferPool small{limits::copied_bytes_max};
  BufferPool bulk{limits::bulk_buffer_bytes, limits::idle_bulk_buffers_max};
  IdleBodies bodies;
  Spares<http::RequestHead> requests;
  Spares<http::AnswerHead> answers;
  Spares<std::string> lines;

  [[nodiscard]] BufferPool& for_bytes_due(std::uint64_t due) noexcept {
    return due > limits::stream_buffer_bytes ? bulk : stream;
  }
};

}  // namespace relay::net
