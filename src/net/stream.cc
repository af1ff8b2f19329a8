#include "net/stream.h"

#include <utility>

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

void Stream::stop_gathering() noexcept {
  static_cast<void>(net::stop_gathering(socket_.watch()));
}

bool Stream::Read::attempt() noexcept {
  return keep(tls_ == nullptr ? receive(watch_, pool_) : receive(watch_, *tls_, pool_), received_);
}

// While it gathers, the loop hears of nothing but a lot, or the end. So after that the socket is
// asked; and asked again once each byte is heard of, before it is waited for.
bool Stream::Read::perform() noexcept {
  if (is_gathering_ && !is_due()) {
    const bool has_much = watch_.readable || (tls_ != nullptr && tls_->has_more());
    if (has_much && attempt()) return true;
    gather(watch_);
    return false;
  }
  if (watch_.gathers) watch_.readable = true;
  const bool finished = attempt() || (net::stop_gathering(watch_) && attempt());
  if (!finished && std::exchange(is_gathering_, false)) wait_until(deadline_);
  return finished;
}

// See Socket::Write::perform().
bool Stream::Write::perform() noexcept {
  if (!watch_.writable && !is_due()) return false;
  if (keep(tls_ == nullptr ? send(watch_, unsent_) : send(watch_, *tls_, unsent_), sent_)) {
    return true;
  }
  if (stall_max_ == stall_max_.zero()) return false;
  const auto unsent = tls_ == nullptr ? static_cast<std::int64_t>(unsent_.bytes())
                                      : -static_cast<std::int64_t>(tls_->sent_bytes());
  if (takes_more(watch_, unsent, left_)) wait_until(watch_.loop.now() + stall_max_);
  return false;
}

}  // namespace relay::net
