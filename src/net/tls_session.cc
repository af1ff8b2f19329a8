#include "net/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace relay::net {

// Where OpenSSL reads sealed bytes from and writes them to. Neither ever blocks it for long: it
// reads what has arrived, and seal() writes only where there is room.
struct TlsSession::Bytes {
  static int read(BIO* bio, char* to, std::size_t count, std::size_t* read) noexcept {
    TlsSession& session = of(bio);
    std::string_view from = session.arrived_;
    const bool is_kept = session.kept_read_ < session.kept_.size();
    if (is_kept) from = std::string_view{session.kept_}.substr(session.kept_read_);
    *read = std::min(count, from.size());
    BIO_clear_retry_flags(bio);
    if (*read == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(to, from.data(), *read);
    if (is_kept) {
      session.kept_read_ += *read;
    } else {
      session.arrived_.remove_prefix(*read);
    }
    return 1;
  }

  static int write(BIO* bio, const char* from, std::size_t count, std::size_t* written) noexcept {
    TlsSession& session = of(bio);
    BIO_clear_retry_flags(bio);
    if (session.sealed_.capacity() == 0) session.sealed_ = session.pool_.take();
    if (count > session.room()) return 0;
    const std::size_t end = session.sealed_.bytes().size();
    std::memcpy(session.sealed_.space().data() + end, from, count);
    session.sealed_.resize(end + count);
    *written = count;
    return 1;
  }

  static long control(BIO*, int command, long, void*) noexcept {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static TlsSession& of(BIO* bio) noexcept { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* const bytes = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes");
      BIO_meth_set_read_ex(bytes, read);
      BIO_meth_set_write_ex(bytes, write);
      BIO_meth_set_ctrl(bytes, control);
      return bytes;
    }();
    return made;
  }
};

void TlsSession::Freed::operator()(ssl_st* ssl) const noexcept {
  SSL_free(ssl);
}

TlsSession::TlsSession(Ssl ssl, BufferPool& sealed) noexcept : ssl_{std::move(ssl)}, pool_{sealed} {
  BIO* const bytes = BIO_new(Bytes::method());
  BIO_set_data(bytes, this);
  BIO_set_init(bytes, 1);
  SSL_set_bio(ssl_.get(), bytes, bytes);
}

// OpenSSL takes a connection that was not shut down for a failed one, whose session must not be
// resumed. Answers that are cut short are none of TLS's business.
TlsSession::~TlsSession() {
  if (!is_broken_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

TlsSession::Handshake TlsSession::shake_hands(std::string_view sealed) noexcept {
  arrived_ = sealed;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  keep_rest();
  if (result == 1) return Handshake::done;
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Handshake::goes_on;
  note_failure();
  return Handshake::failed;
}

bool TlsSession::is_resumed() const noexcept {
  return SSL_session_reused(ssl_.get()) == 1;
}

std::string TlsSession::failure() const {
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  const char* const reason = ERR_reason_error_string(reason_);
  return reason != nullptr ? reason : "unknown";
}

// The last call, which would only say that nothing is left, is saved.
IoResult<TlsSession::Opened> TlsSession::open(std::string_view sealed,
                                              std::span<char> plain) noexcept {
  arrived_ = sealed;
  Opened opened;
  while (!is_broken_ && opened.bytes < plain.size()) {
    ERR_clear_error();
    const std::span<char> space = plain.subspan(opened.bytes);
    std::size_t read = 0;
    const int result = SSL_read_ex(ssl_.get(), space.data(), space.size(), &read);
    opened.bytes += read;
    if (result != 1) {
      const int error = SSL_get_error(ssl_.get(), result);
      opened.is_end = error == SSL_ERROR_ZERO_RETURN;
      if (error != SSL_ERROR_WANT_READ && !opened.is_end) note_failure();
      break;
    }
    if (arrived_.empty() && !has_more()) break;
  }
  keep_rest();
  if (is_broken_ && opened.bytes == 0) return std::unexpected(std::errc::protocol_error);
  return opened;
}

bool TlsSession::has_more() const noexcept {
  return is_broken_ || kept_read_ < kept_.size() || SSL_pending(ssl_.get()) > 0 ||
         (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

// Small pieces share a record, because each has its price in time and bytes; and many records are
// written at once, because OpenSSL gives its buffer back behind each call.
bool TlsSession::seal(Pieces& plain) noexcept {
  ERR_clear_error();
  while (!is_broken_ && !plain.empty() && room() >= record_bytes_max + 2 * record_overhead_max) {
    std::array<char, record_bytes_max> gathered;
    std::string_view records = whole_records(plain);
    if (records.empty()) records = {gathered.data(), plain.copy_to(gathered)};
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), records.data(), records.size(), &written) != 1) note_failure();
    plain.drop(written);
  }
  return !is_broken_;
}

// As many as there is room for and as lie in one piece, the last one of all being of any size.
std::string_view TlsSession::whole_records(const Pieces& plain) const noexcept {
  const std::size_t count =
      (room() - record_overhead_max) / (record_bytes_max + record_overhead_max);
  const std::string_view bytes = plain.front().substr(0, count * record_bytes_max);
  if (bytes.size() == plain.bytes()) return bytes;
  return bytes.substr(0, bytes.size() / record_bytes_max * record_bytes_max);
}

void TlsSession::drop_sent(std::size_t count) noexcept {
  sent_ += count;
  sent_bytes_ += count;
  if (sent_ < sealed_.bytes().size()) return;
  sealed_ = Buffer{};
  sent_ = 0;
}

void TlsSession::close() noexcept {
  if (is_broken_ || !unsent().empty() || SSL_in_init(ssl_.get())) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

std::size_t TlsSession::room() const noexcept {
  return pool_.buffer_bytes() - sealed_.bytes().size();
}

void TlsSession::keep_rest() {
  if (kept_read_ == kept_.size()) {
    std::string{arrived_}.swap(kept_);
    kept_read_ = 0;
  } else {
    kept_.append(arrived_);
  }
  arrived_ = {};
}

void TlsSession::note_failure() noexcept {
  is_broken_ = true;
  reason_ = ERR_peek_last_error();
}

}  // namespace relay::net
