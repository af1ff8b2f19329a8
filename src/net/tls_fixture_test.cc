#include "net/tls_fixture.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <string_view>

namespace relay::net {
namespace {

constexpr long day = 24 * 60 * 60;

template <typename T, typename Free>
std::shared_ptr<T> owned(T* object, Free free) {
  EXPECT_NE(object, nullptr);
  return {object, free};
}

void add_extension(X509* to, int id, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  ASSERT_NE(extension, nullptr);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate named(const std::string& name, long valid_from, long valid_to) {
  static long serial = 0;
  Certificate made{owned(X509_new(), X509_free), owned(EVP_EC_gen("P-256"), EVP_PKEY_free)};
  X509* const certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_to);
  X509_set_pubkey(certificate, made.key.get());
  const auto* const text = reinterpret_cast<const unsigned char*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, text, -1, -1,
                             0);
  return made;
}

void sign(const Certificate& subject, const Certificate& issuer) {
  X509_set_issuer_name(subject.certificate.get(), X509_get_subject_name(issuer.certificate.get()));
  ASSERT_GT(X509_sign(subject.certificate.get(), issuer.key.get(), EVP_sha256()), 0);
}

// The only protocol we speak.
int choose_http(SSL*, const unsigned char** chosen, unsigned char* bytes, const unsigned char* from,
                unsigned count, void*) {
  static constexpr unsigned char http[] = "\x08http/1.1";
  auto* const found = const_cast<unsigned char**>(chosen);
  const int outcome = SSL_select_next_proto(found, bytes, http, sizeof http - 1, from, count);
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Authority::Authority() : own_{named("Test Authority", -day, day)} {
  add_extension(own_.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(own_, own_);
  std::string path = testing::TempDir() + "authority-XXXXXX";
  FILE* const file = ::fdopen(::mkstemp(path.data()), "w");
  PEM_write_X509(file, own_.certificate.get());
  std::fclose(file);
  file_ = path;
}

Authority::~Authority() {
  ::unlink(file_.c_str());
}

Certificate Authority::issue(const CertificateRequest& request) const {
  Certificate issued = named(request.host, -2 * day, request.is_expired ? -day : day);
  const std::string name =
      request.address.empty() ? "DNS:" + request.host : "IP:" + request.address;
  add_extension(issued.certificate.get(), NID_subject_alt_name, name);
  sign(issued, request.is_self_signed ? issued : own_);
  return issued;
}

TlsServer::TlsServer(const Certificate& certificate)
    : context_{owned(SSL_CTX_new(TLS_server_method()), SSL_CTX_free)} {
  SSL_CTX* const context = context_.get();
  SSL_CTX_use_certificate(context, certificate.certificate.get());
  SSL_CTX_use_PrivateKey(context, certificate.key.get());
  SSL_CTX_set_alpn_select_cb(context, choose_http, nullptr);
}

void TlsServer::speak_only_tls_1_1() {
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_1_VERSION);
}

void TlsServer::speak_only_tls_1_2() {
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
}

std::unique_ptr<TlsSession> TlsServer::session() {
  TlsSession::Ssl ssl{SSL_new(context_.get())};
  SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsSession>(std::move(ssl), sealed_);
}

std::string protocol_of(const TlsSession& session) {
  const unsigned char* name = nullptr;
  unsigned bytes = 0;
  SSL_get0_alpn_selected(session.ssl(), &name, &bytes);
  return {reinterpret_cast<const char*>(name), bytes};
}

std::string server_name_of(const TlsSession& session) {
  const char* const name = SSL_get_servername(session.ssl(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

Task<void> accept_tls(Socket& socket, TlsSession& session, BufferPool& pool, Accepted& outcome) {
  using Handshake = TlsSession::Handshake;
  for (;;) {
    const IoResult<Buffer> received = co_await socket.read(pool, no_deadline);
    const bool is_over = !received || received->empty();
    const Handshake progress = is_over ? Handshake::failed : session.shake_hands(received->bytes());
    const IoResult<void> sent = co_await socket.write({session.unsent()}, no_deadline);
    session.drop_sent(session.unsent().size());
    if (progress == Handshake::goes_on) continue;
    outcome = progress == Handshake::done && sent ? Accepted::yes : Accepted::refused;
    co_return;
  }
}

}  // namespace relay::net
