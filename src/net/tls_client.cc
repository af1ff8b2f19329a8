#include "net/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <system_error>
#include <utility>

#include "base/limits.h"
#include "net/endpoint.h"
#include "net/unreachable.h"

namespace relay::net {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Resumable = std::unique_ptr<SSL_SESSION, FreeSession>;

// Several records and what is added to them, so that a body of this size is one system call.
constexpr std::size_t sealed_bytes = limits::bulk_buffer_bytes + 2 * TlsSession::record_bytes_max;

// Where the system has refused something, OpenSSL's own words come after it and say less.
std::string last_reason() {
  const unsigned long first = ERR_peek_error();
  if (ERR_SYSTEM_ERROR(first)) return std::generic_category().message(ERR_GET_REASON(first));
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason != nullptr ? reason : "unknown reason";
}

bool trust(SSL_CTX* context, const std::string& ca_file) noexcept {
  return ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                         : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
}

Context make_context() {
  Context context{SSL_CTX_new(TLS_client_method())};
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  static constexpr std::array<unsigned char, 9> http = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context.get(), http.data(), http.size());
  return context;
}

// Only names are sent in the clear; an address would be refused there (RFC 6066 section 3).
bool expect(SSL* ssl, const std::string& host) noexcept {
  if (parse_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

struct TlsClient::State {
  // A session comes when the peer sends it, which is after the handshake, in some read.
  static int keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* const host = static_cast<std::pair<const std::string, Resumable>*>(SSL_get_app_data(ssl));
    host->second.reset(session);
    return 1;  // Ours to free.
  }

  Context context;
  std::map<std::string, Resumable> hosts;  // The latest session of each, if there is any.
  BufferPool sealed{sealed_bytes, limits::idle_bulk_buffers_max};
  std::size_t resumed = 0;
};

TlsClient::TlsClient(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {
}
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;
TlsClient::~TlsClient() = default;

std::size_t TlsClient::resumed() const noexcept {
  return state_->resumed;
}

Result<TlsClient> TlsClient::open(const std::string& ca_file) {
  ERR_clear_error();
  Context context = make_context();
  if (context == nullptr || !trust(context.get(), ca_file)) {
    return std::unexpected(Error{.code = ErrorCode::internal,
                                 .origin = Origin::relay,
                                 .detail = "TLS: " + ca_file + ": " + last_reason()});
  }
  SSL_CTX_sess_set_new_cb(context.get(), State::keep_session);
  auto state = std::make_unique<State>();
  state->context = std::move(context);
  return TlsClient{std::move(state)};
}

std::unique_ptr<TlsSession> TlsClient::session(const std::string& host) const {
  TlsSession::Ssl ssl{SSL_new(state_->context.get())};
  if (ssl == nullptr || !expect(ssl.get(), host)) return nullptr;
  auto& known = *state_->hosts.try_emplace(host).first;
  SSL_set_app_data(ssl.get(), &known);
  if (known.second != nullptr) SSL_set_session(ssl.get(), known.second.get());
  SSL_set_connect_state(ssl.get());
  return std::make_unique<TlsSession>(std::move(ssl), state_->sealed);
}

Task<Result<Stream>> TlsClient::shake_hands(Socket socket, std::string host, BufferPool& pool,
                                            TimePoint deadline) {
  using Handshake = TlsSession::Handshake;
  std::unique_ptr<TlsSession> tls = session(host);
  if (tls == nullptr) {
    co_return std::unexpected(unreachable("TLS: the host name is not one"));
  }
  Handshake progress = tls->shake_hands({});
  for (;;) {
    const IoResult<void> sent = co_await socket.write({tls->unsent()}, deadline);
    if (progress == Handshake::failed)
      co_return std::unexpected(unreachable("TLS: " + tls->failure()));
    if (!sent) co_return std::unexpected(unreachable("TLS", sent.error()));
    tls->drop_sent(tls->unsent().size());
    if (progress == Handshake::done) break;

    const IoResult<Buffer> received = co_await socket.read(pool, deadline);
    if (!received) co_return std::unexpected(unreachable("TLS", received.error()));
    if (received->empty())
      co_return std::unexpected(unreachable("TLS", std::errc::connection_aborted));
    progress = tls->shake_hands(received->bytes());
  }
  state_->resumed += tls->is_resumed() ? 1 : 0;
  co_return Stream{std::move(socket), std::move(tls)};
}

}  // namespace relay::net
