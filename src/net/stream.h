#pragma once

#include <memory>
#include <utility>

#include "net/socket.h"
#include "net/tls_session.h"

namespace relay::net {

// A connection to an upstream: a socket, with TLS or without. Used as a Socket is, with the same
// promises; without TLS it costs no more.
//
//   const IoResult<void> sent = co_await stream.write({head, body}, limits::write_stall_max);
//   const IoResult<Buffer> answer = co_await stream.read(buffers, deadline);
class Stream {
 public:
  class Read;
  class Write;

  explicit Stream(Socket socket, std::unique_ptr<TlsSession> tls = nullptr) noexcept
      : socket_{std::move(socket)}, tls_{std::move(tls)} {}
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;
  ~Stream();

  // What has arrived, at most one buffer of `pool`; empty at the end of the stream. With TLS, only
  // the peer's word is an end: a connection that merely closes is std::errc::connection_aborted,
  // because anyone on the way can do that, and protocol_error is what could not be decrypted.
  [[nodiscard]] Read read(BufferPool& pool, TimePoint deadline) noexcept;

  // As above, but what comes before `gathered_until` is left to gather, unless it is much or the
  // peer hangs up: one read has it all then, and nobody was woken for each piece.
  [[nodiscard]] Read read_gathered(BufferPool& pool, TimePoint deadline,
                                   TimePoint gathered_until) noexcept;

  // Sends all of `pieces`, whose bytes must stay where they are until then. Ends with timed_out at
  // the deadline or when the peer has not taken a byte for `stall_max`. With TLS, all records go
  // out at once.
  [[nodiscard]] Write write(Pieces pieces, TimePoint deadline) noexcept;
  [[nodiscard]] Write write(Pieces pieces, TimePoint::duration stall_max) noexcept;

  [[nodiscard]] Socket::Gone gone(TimePoint deadline) noexcept { return socket_.gone(deadline); }
  [[nodiscard]] bool hung_up() const noexcept { return socket_.hung_up(); }

  // Nothing is there to be read and the peer has not hung up: fit for another exchange. Session
  // tickets, which may come at any time, are taken in passing, with a buffer of `pool`.
  [[nodiscard]] bool is_quiet(BufferPool& pool) noexcept;

  [[nodiscard]] bool is_encrypted() const noexcept { return tls_ != nullptr; }
  [[nodiscard]] Address peer() const noexcept { return socket_.peer(); }

  // Every byte that comes is heard of again. To be called before somebody else uses the stream.
  void stop_gathering() noexcept;

  // From here on, closing is a reset.
  void reset_on_close() noexcept { socket_.reset_on_close(); }

 private:
  Socket socket_;
  std::unique_ptr<TlsSession> tls_;  // Null without TLS.
};

class Stream::Read final : public Operation {
 public:
  Read(Watch& watch, TlsSession* tls, BufferPool& pool, TimePoint deadline) noexcept
      : Operation{watch.loop, deadline, &watch.reader}, watch_{watch}, tls_{tls}, pool_{pool} {}
  Read(Watch& watch, TlsSession* tls, BufferPool& pool, TimePoint deadline,
       TimePoint gathered_until) noexcept
      : Operation{watch.loop, gathered_until, &watch.reader},
        watch_{watch},
        tls_{tls},
        pool_{pool},
        deadline_{deadline},
        is_gathering_{true} {}

  [[nodiscard]] IoResult<Buffer> await_resume() noexcept { return std::move(received_); }

 private:
  bool perform() noexcept override;
  [[nodiscard]] bool attempt() noexcept;

  Watch& watch_;
  TlsSession* tls_;
  BufferPool& pool_;
  TimePoint deadline_ = no_deadline;  // Once nothing is gathered any more.
  bool is_gathering_ = false;
  IoResult<Buffer> received_ = std::unexpected(std::errc::timed_out);
};

class Stream::Write final : public SendOperation {
 public:
  Write(Watch& watch, TlsSession* tls, Pieces pieces, TimePoint deadline,
        TimePoint::duration stall_max) noexcept
      : SendOperation{watch.loop, deadline, &watch.writer, pieces.bytes()},
        watch_{watch},
        tls_{tls},
        unsent_{pieces},
        stall_max_{stall_max} {}

  [[nodiscard]] IoResult<void> await_resume() const noexcept { return sent_; }

 private:
  bool perform() noexcept override;

  Watch& watch_;
  TlsSession* tls_;
  Pieces unsent_;
  TimePoint::duration stall_max_;  // Zero: the deadline stays where it is.
  std::int64_t left_ = std::numeric_limits<std::int64_t>::max();  // For the peer to take.
  IoResult<void> sent_ = std::unexpected(std::errc::timed_out);
};

inline Stream::Read Stream::read(BufferPool& pool, TimePoint deadline) noexcept {
  return {socket_.watch(), tls_.get(), pool, deadline};
}

inline Stream::Read Stream::read_gathered(BufferPool& pool, TimePoint deadline,
                                          TimePoint gathered_until) noexcept {
  const bool is_worth_it = gathered_until > socket_.watch().loop.now() && gathered_until < deadline;
  if (!is_worth_it) return read(pool, deadline);
  return {socket_.watch(), tls_.get(), pool, deadline, gathered_until};
}

inline Stream::Write Stream::write(Pieces pieces, TimePoint deadline) noexcept {
  return {socket_.watch(), tls_.get(), pieces, deadline, TimePoint::duration::zero()};
}

inline Stream::Write Stream::write(Pieces pieces, TimePoint::duration stall_max) noexcept {
  const TimePoint deadline = socket_.watch().loop.now() + stall_max;
  return {socket_.watch(), tls_.get(), pieces, deadline, stall_max};
}

}  // namespace relay::net
