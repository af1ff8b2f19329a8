#pragma once

#include <vector>

#include "app/config.h"
#include "net/upstream_pool.h"

namespace relay::app {

// Where the configured upstreams are, in their order, which gives them their http::UpstreamId.
std::vector<net::UpstreamSettings> upstream_addresses(const Config& config);

}  // namespace relay::app
