#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/frame_pool.h"
#include "base/result.h"
#include "base/task.h"
#include "http/body_decoder.h"
#include "http/head.h"
#include "http/ports.h"
#include "net/body_buffer.h"
#include "net/body_pace.h"
#include "net/inbox.h"
#include "net/server_context.h"
#include "net/socket.h"

namespace relay::net {

// The body of the request that is being served, read only when somebody asks for it. Taken piece by
// piece, it holds a buffer while a piece is in hand; collected, it costs one copy at most.
//
// One for each request. Belongs to one loop. Once a call has failed
// the body is broken: nothing that follows on this connection can be understood.
class RequestBody : public InFramePool {
 public:
  RequestBody(ServerContext& server, Socket& socket, Inbox& inbox) noexcept
      : server_{server},
        socket_{socket},
        inbox_{inbox},
        pace_{server.limits.body_grace, server.limits.body_bytes_per_second_min},
        collected_{server.share.bodies, server.buffers.bodies} {}

  // Of the request with this head, whose body begins in the inbox.
  void begin(const http::RequestHead& head) noexcept;

  // See http::ClientStream.
  Task<Result<http::Chunk>> next();
  Task<Result<std::string_view>> read_all(std::size_t bytes_max);
  void limit(std::size_t bytes_max) noexcept { bytes_max_ = bytes_max; }

  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }

  // An answer begins: the body will not be asked for. What has come of it is skipped. Returns
  // whether the connection can be used again, because what is still due is known to be little.
  [[nodiscard]] bool give_up();

  // Reads past what is due, within the limits for early answers. False: it did not end.
  Task<bool> drain();

  // Lets the memory go of a body that was read.
  void drop() noexcept;

 private:
  Task<Result<void>> ask();
  Task<Result<void>> receive();
  Task<Result<void>> receive_straight();
  Task<Result<void>> collect();
  Result<http::Chunk> decode(std::span<char> bytes, std::size_t& consumed);
  void let_go_of_piece() noexcept;
  [[nodiscard]] TimePoint deadline() const noexcept;
  [[nodiscard]] std::unexpected<Error> broken(Error error);
  [[nodiscard]] std::unexpected<Error> broken(std::errc error);

  [[nodiscard]] bool is_of_known_length() const noexcept {
    return framing_.kind == http::Framing::length;
  }
  [[nodiscard]] bool is_here_for_long() noexcept;
  [[nodiscard]] std::size_t due() const noexcept { return decoder_->remaining_hint(); }

  ServerContext& server_;
  Socket& socket_;
  Inbox& inbox_;

  http::BodyFraming framing_;
  bool has_ended_ = true;
  bool is_broken_ = false;
  bool continue_due_ = false;
  std::size_t bytes_ = 0;  // Of payload so far,
  std::size_t bytes_max_ = 0;
  BodyPace pace_;
  TimePoint drained_by_ = no_deadline;
  std::optional<http::BodyDecoder> decoder_;
  Buffer in_hand_;
  BodyBuffer collected_;
};

}  // namespace relay::net
