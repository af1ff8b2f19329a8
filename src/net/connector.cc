#include "net/connector.h"

#include <utility>

#include "net/tunnel.h"
#include "net/unreachable.h"

namespace relay::net {

Task<Result<Socket>> Connector::reach(const std::string& host, std::uint16_t port,
                                      TimePoint deadline) {
  IoResult<std::vector<Endpoint>> found = co_await resolver_.resolve(host, port, deadline);
  if (!found) co_return std::unexpected(unreachable("look-up of " + host, found.error()));
  IoResult<Socket> socket = co_await connect_to_any(loop_, std::move(*found), deadline);
  if (!socket) {
    const std::string what = "connecting to " + authority(host, port);
    co_return std::unexpected(unreachable(what, socket.error()));
  }
  co_return std::move(*socket);
}

Task<Result<Stream>> Connector::connect(const Target& target, TimePoint deadline) {
  const std::optional<Proxy>& proxy = target.proxy;
  const std::string& host = proxy ? proxy->host : target.host;
  const std::uint16_t port = proxy ? proxy->port : target.port;
  Result<Socket> socket = co_await reach(host, port, deadline);
  if (!socket) co_return std::unexpected(std::move(socket.error()));

  if (proxy) {
    const Result<void> opened =
        co_await open_tunnel(*socket, *proxy, target.host, target.port, pool_, deadline);
    if (!opened) co_return std::unexpected(opened.error());
  }
  if (!target.is_encrypted) co_return Stream{std::move(*socket)};
  TlsClient& tls = tls_.at(target.ca_file);
  Result<Stream> stream =
      co_await tls.shake_hands(std::move(*socket), target.host, pool_, deadline);
  co_return stream;
}

}  // namespace relay::net
