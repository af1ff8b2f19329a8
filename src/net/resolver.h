#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/task.h"
#include "net/endpoint.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/workers.h"

namespace relay::net {

// Blocks, for seconds if it has to. address_not_available: there is no such name;
// resource_unavailable_try_again: nobody could be asked. Thread-safe.
IoResult<std::vector<Address>> look_up(const std::string& host);

// Finds the addresses of names. What was found is good for limits::resolved_fresh, what was not for
// limits::unresolved_fresh; many who ask for one name at the same time cause one look-up. While no
// new addresses can be had, old ones are given out.
//
// Belongs to one loop. Outlives those who wait for it.
class Resolver {
 public:
  using LookUp = std::function<IoResult<std::vector<Address>>(const std::string& host)>;

  Resolver(Loop& loop, Workers& workers, LookUp look_up = net::look_up);

  // At least one endpoint, the families taking turns; at once if `host` is an address. Errors:
  // those of look_up(), timed_out, no_buffer_space (the workers have too much to do).
  Task<IoResult<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port,
                                                TimePoint deadline);

 private:
  struct Name;

  std::shared_ptr<Name> known_or_begun(const std::string& host);
  void begin(const std::string& host, const std::shared_ptr<Name>& name);

  Loop& loop_;
  Workers& workers_;
  LookUp look_up_;
  std::map<std::string, std::shared_ptr<Name>> names_;
};

// To the first of `endpoints` that answers. Each gets an equal share of the time that is left, so
// that one that is silent does not take the chance of the others. The error is that of the last.
// Requires: not empty.
Task<IoResult<Socket>> connect_to_any(Loop& loop, std::vector<Endpoint> endpoints,
                                      TimePoint deadline);

}  // namespace relay::net
