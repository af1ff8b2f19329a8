#pragma once

#include <memory>
#include <string>

#include "net/socket_fixture.h"
#include "net/stream.h"
#include "net/tls_client.h"

struct evp_pkey_st;
struct ssl_ctx_st;
struct x509_st;

// A certificate authority and a TLS server for tests. Nothing is kept on disk but its certificate.
namespace relay::net {

struct Certificate {
  std::shared_ptr<x509_st> certificate;
  std::shared_ptr<evp_pkey_st> key;
};

struct CertificateRequest {
  std::string host = "upstream.test";
  std::string address = {};  // Such as 127.0.0.1; instead of the host.
  bool is_expired = false;
  bool is_self_signed = false;
};

class Authority {
 public:
  Authority();
  ~Authority();

  [[nodiscard]] Certificate issue(const CertificateRequest& request) const;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  Certificate own_;
  std::string file_;
};

class TlsServer {
 public:
  explicit TlsServer(const Certificate& certificate);

  void speak_only_tls_1_1();
  void speak_only_tls_1_2();

  // For one connection.
  [[nodiscard]] std::unique_ptr<TlsSession> session();

 private:
  std::shared_ptr<ssl_ctx_st> context_;
  BufferPool sealed_{limits::bulk_buffer_bytes};
};

// What the client asked for and the server took; empty if none.
std::string protocol_of(const TlsSession& session);
std::string server_name_of(const TlsSession& session);

// The server's half of a handshake, over a socket.
enum class Accepted : std::uint8_t { not_yet, yes, refused };
Task<void> accept_tls(Socket& socket, TlsSession& session, BufferPool& pool, Accepted& outcome);

}  // namespace relay::net
