#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/proxy.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls_client.h"

namespace relay::net {

// Where an upstream is, and how it is reached.
struct Target {
  bool is_encrypted = true;
  std::string host;  // A name or an address, without brackets.
  std::uint16_t port = 443;
  std::optional<Proxy> proxy = {};
  std::string ca_file = {};  // Who may vouch for the host; empty: the system's authorities.
};

// One for each `ca_file` of the targets, by its name.
using TlsClients = std::map<std::string, TlsClient>;

// Opens connections to upstreams. Belongs to one loop, as its parts do, which outlive it.
class Connector {
 public:
  Connector(Loop& loop, Resolver& resolver, TlsClients& tls, BufferPool& pool) noexcept
      : loop_{loop}, resolver_{resolver}, tls_{tls}, pool_{pool} {}

  // Looks up, connects, goes through the proxy and shakes hands, all by the deadline.
  // overloaded (we lack the means), upstream_unavailable for all else; `detail` says which step
  // failed and why. Not a byte of a request has been sent.
  Task<Result<Stream>> connect(const Target& target, TimePoint deadline);

 private:
  Task<Result<Socket>> reach(const std::string& host, std::uint16_t port, TimePoint deadline);

  Loop& loop_;
  Resolver& resolver_;
  TlsClients& tls_;
  BufferPool& pool_;
};

}  // namespace relay::net
