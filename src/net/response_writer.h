#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "http/head.h"
#include "http/ports.h"
#include "net/server_context.h"
#include "net/socket.h"

namespace relay::net {

// The outgoing half of a client connection: one answer after another. Every call of send() costs
// one system call, whatever the framing, and becomes one chunk if there are chunks.
//
// One for each connection, used again for each answer. Belongs to one loop.
class ResponseWriter {
 public:
  ResponseWriter(ServerContext& server, Socket& socket) noexcept
      : server_{server}, socket_{socket} {}

  // For the next answer. Requires: the last one is finished.
  void reset() noexcept {
    state_ = State::expected;
    is_on_its_way_ = false;
  }

  // The head of the answer to `request`, kept for send(). Until then, another may replace it.
  void begin(const http::ResponseHead& head, const http::RequestHead& request, bool keep_alive);

  // Sends what is due of the head, and `bytes`. Requires: begun. client_gone; after it, nothing is
  // sent any more. A body of another length than was announced is cut: internal.
  Task<Result<void>> send(std::string_view bytes, bool is_last);

  // Ends the answer so that the client can tell that it is not complete.
  void cut() noexcept;

  [[nodiscard]] bool is_finished() const noexcept { return state_ == State::finished; }

  // Another answer may follow this one.
  [[nodiscard]] bool keeps_alive() const noexcept { return keeps_alive_; }

 private:
  enum class State : std::uint8_t { expected, begun, finished, broken };

  [[nodiscard]] std::string& staged();
  void let_go_of_staged() noexcept;
  [[nodiscard]] bool fits(std::size_t bytes, bool is_last) noexcept;
  [[nodiscard]] std::string_view stage_chunk(std::size_t bytes, bool is_last);

  ServerContext& server_;
  Socket& socket_;
  State state_ = State::expected;
  http::Framing framing_ = http::Framing::none;
  bool keeps_alive_ = true;
  bool is_on_its_way_ = false;           // Some of it may have been sent.
  std::uint64_t left_ = 0;               // Of Framing::length.
  std::unique_ptr<std::string> staged_;  // What goes out before the next bytes, if anything does.
};

}  // namespace relay::net
