#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/buffer_pool.h"
#include "net/fd.h"
#include "net/pieces.h"

struct ssl_st;

namespace relay::net {

// One TLS connection as bytes: plain on one side, sealed on the other. It knows no socket; whoever
// has one moves sealed bytes between the two. See transfer.h.
//
// What is to be sent lies in one buffer, whatever number of records it is, so that it costs one
// system call. While there is nothing to be sent or to be read, it holds no buffer.
//
// Stays where it is. Belongs to one loop.
class TlsSession {
 public:
  struct Freed {
    void operator()(ssl_st* ssl) const noexcept;
  };
  using Ssl = std::unique_ptr<ssl_st, Freed>;

  // Room for a record that SSL may want to send at any time, such as an alert, is kept in every
  // buffer of `sealed`.
  static constexpr std::size_t record_bytes_max = 16 * 1024;
  static constexpr std::size_t record_overhead_max = 512;

  // `sealed`: buffers of several records each, at least two.
  TlsSession(Ssl ssl, BufferPool& sealed) noexcept;
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  enum class Handshake { goes_on, done, failed };

  // Goes on with what has arrived. Either way there may be something to be sent.
  Handshake shake_hands(std::string_view sealed) noexcept;

  // The handshake was shortened, because the peer knew us from before.
  [[nodiscard]] bool is_resumed() const noexcept;

  [[nodiscard]] ssl_st* ssl() const noexcept { return ssl_.get(); }

  // Why it failed. For the log.
  [[nodiscard]] std::string failure() const;

  struct Opened {
    std::size_t bytes = 0;
    bool is_end = false;  // The peer has said that nothing more will come.
  };

  // Decrypts into `plain` what has arrived, after what was kept from before, as far as there are
  // whole records. What does not fit is kept.
  IoResult<Opened> open(std::string_view sealed, std::span<char> plain) noexcept;

  // open() has something to give without new bytes.
  [[nodiscard]] bool has_more() const noexcept;

  // Encrypts as much as there is room for and drops it from `plain`. False: the session is broken.
  [[nodiscard]] bool seal(Pieces& plain) noexcept;

  // What is to be sent.
  [[nodiscard]] std::string_view unsent() const noexcept { return sealed_.bytes().substr(sent_); }
  void drop_sent(std::size_t count) noexcept;
  [[nodiscard]] std::size_t sent_bytes() const noexcept { return sent_bytes_; }  // Since the start.

  // Says that nothing more will come, unless something else is still unsent.
  void close() noexcept;

 private:
  struct Bytes;  // The side of OpenSSL.

  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] std::string_view whole_records(const Pieces& plain) const noexcept;
  void keep_rest();
  void note_failure() noexcept;

  Ssl ssl_;
  BufferPool& pool_;
  Buffer sealed_;
  std::size_t sent_ = 0;  // Of sealed_.
  std::size_t sent_bytes_ = 0;
  std::string_view arrived_;  // Valid within a call.
  std::string kept_;          // Sealed bytes that there was no room for, from `kept_read_` on.
  std::size_t kept_read_ = 0;
  bool is_broken_ = false;
  unsigned long reason_ = 0;  // OpenSSL's, when broken.
};

}  // namespace relay::net
