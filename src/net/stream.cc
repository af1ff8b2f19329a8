#include "net/stream.h"

#include "net/transfer.h"

namespace relay::net {

// The peer is told that this is a proper end, if the socket takes it now: closing never waits.
Stream::~Stream() {
  if (tls_ == nullptr || hung_up()) return;
  tls_->close();
  Pieces nothing{std::string_view{}};
  static_cast<void>(send(socket_.watch(), *tls_, nothing));
}

bool Stream::is_quiet(BufferPool& pool) noexcept {
  if (tls_ == nullptr) return socket_.is_quiet();
  return !hung_up() && !receive(socket_.watch(), *tls_, pool).has_value();
}

bool Stream::Read::perform() noexcept {
  return keep(tls_ == nullptr ? receive(watch_, pool_) : receive(watch_, *tls_, pool_), received_);
}

// See Socket::Write::perform().
bool Stream::Write::perform() noexcept {
  if (!watch_.writable && !is_due()) return false;
  const std::size_t unsent_before = unsent_.bytes();
  const std::size_t sent_before = tls_ == nullptr ? 0 : tls_->sent_bytes();
  if (keep(tls_ == nullptr ? send(watch_, unsent_) : send(watch_, *tls_, unsent_), sent_)) {
    return true;
  }
  const bool is_progress =
      tls_ == nullptr ? unsent_.bytes() < unsent_before : tls_->sent_bytes() > sent_before;
  if (is_progress && stall_max_ > stall_max_.zero()) wait_until(watch_.loop.now() + stall_max_);
  return false;
}

}  // namespace relay::net
