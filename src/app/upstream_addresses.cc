#include "app/upstream_addresses.h"

namespace relay::app {

std::vector<net::UpstreamSettings> upstream_addresses(const Config& config) {
  std::vector<net::UpstreamSettings> addresses;
  for (const UpstreamConfig& upstream : config.upstreams) {
    net::UpstreamSettings address{.connect_timeout = config.timeouts.connect};
    address.target.is_encrypted = upstream.url.scheme == "https";
    address.target.host = upstream.url.host;
    address.target.port = upstream.url.port;
    address.target.ca_file = upstream.ca_file;
    if (!upstream.proxy.empty()) address.target.proxy = net::parse_proxy(upstream.proxy.reveal());
    addresses.push_back(std::move(address));
  }
  return addresses;
}

}  // namespace relay::app
