#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/stream.h"

struct ssl_ctx_st;
struct ssl_session_st;

namespace relay::net {

// Makes TLS connections: TLS 1.2 or later, to a peer whose certificate is valid, for that host, and
// signed by someone trusted. There is no way to switch that off.
//
// A connection to a host that was connected to before resumes its session, which saves the peer a
// signature and us its check.
//
// Belongs to one loop. Outlives its streams.
class TlsClient {
 public:
  // Trusts who signed in `ca_file` (PEM); the system's authorities if that is empty.
  static Result<TlsClient> open(const std::string& ca_file = {});

  TlsClient(TlsClient&&) noexcept;
  TlsClient& operator=(TlsClient&&) noexcept;
  ~TlsClient();

  // Nothing but the handshake is sent before the peer is known to be `host`, a name or an address.
  // upstream_unavailable: failed, or not done by the deadline; the reason is in `detail`.
  // Handshakes read into buffers of `pool`.
  Task<Result<Stream>> shake_hands(Socket socket, std::string host, BufferPool& pool,
                                   TimePoint deadline);

  // How many handshakes were shortened.
  [[nodiscard]] std::size_t resumed() const noexcept;

 private:
  struct State;

  explicit TlsClient(std::unique_ptr<State> state) noexcept;
  [[nodiscard]] std::unique_ptr<TlsSession> session(const std::string& host) const;

  std::unique_ptr<State> state_;  // Stays where it is: OpenSSL knows its address.
};

}  // namespace relay::net
