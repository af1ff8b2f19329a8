#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/task.h"
#include "net/buffer_pool.h"
#include "net/loop.h"
#include "net/socket.h"

namespace relay::sim {

// A client's connection as the simulator uses it: bytes in, bytes out, and pauses in which it still
// notices that the client is gone. Belongs to one coroutine.
class Link {
 public:
  Link(net::Loop& loop, net::BufferPool& buffers, net::Socket socket) noexcept
      : loop_{loop}, buffers_{buffers}, socket_{std::move(socket)} {}

  // What has come and was not yet taken.
  [[nodiscard]] std::string& received() noexcept { return received_; }

  // Waits for more. False: there will be none by `deadline`, or ever.
  Task<bool> receive(TimePoint deadline);

  // Sends all of `bytes`, and counts them. False: the client is gone.
  Task<bool> send(std::string_view bytes);

  // False: the client went while we waited.
  Task<bool> pause(TimePoint::duration time);

  [[nodiscard]] bool is_gone() const noexcept { return is_gone_ || socket_.hung_up(); }
  [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }
  [[nodiscard]] TimePoint now() const noexcept { return loop_.now(); }
  void reset_on_close() noexcept { socket_.reset_on_close(); }

 private:
  net::Loop& loop_;
  net::BufferPool& buffers_;
  net::Socket socket_;
  std::string received_;
  std::uint64_t bytes_sent_ = 0;
  bool is_gone_ = false;
};

}  // namespace relay::sim
