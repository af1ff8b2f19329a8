#include "net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "net/signal.h"

namespace relay::net {
namespace {

using Addresses = IoResult<std::vector<Address>>;

Address address_of(const addrinfo& found) noexcept {
  SocketAddress address;
  address.size = std::min<socklen_t>(found.ai_addrlen, sizeof address.bytes);
  std::memcpy(&address.bytes, found.ai_addr, address.size);
  return to_endpoint(address).address;
}

// The kernel's order of preference is kept within each family.
std::vector<Address> with_families_in_turn(const std::vector<Address>& addresses) {
  std::vector<Address> first, second, mixed;
  for (const Address& address : addresses) {
    (address.is_v4() == addresses.front().is_v4() ? first : second).push_back(address);
  }
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < second.size()) mixed.push_back(second[i]);
  }
  mixed.resize(std::min(mixed.size(), limits::resolved_addresses_max));
  return mixed;
}

}  // namespace

IoResult<std::vector<Address>> look_up(const std::string& host) {
  addrinfo wanted = {};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{found, ::freeaddrinfo};
  if (failed == EAI_AGAIN || failed == EAI_SYSTEM) {
    return std::unexpected(std::errc::resource_unavailable_try_again);
  }
  std::vector<Address> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    addresses.push_back(address_of(*each));
  }
  if (addresses.empty()) return std::unexpected(std::errc::address_not_available);
  return addresses;
}

// What is known of a name, or will be. Shared by the cache, who waits and the look-up, so that none
// of them has to outlive the others. Touched by the loop's thread only.
struct Resolver::Name {
  explicit Name(Loop& loop) noexcept : found{loop}, begun{loop.now()} {}

  void fill(Addresses looked_up, TimePoint now) {
    const bool is_success = looked_up.has_value();
    fresh_until = now + (is_success ? limits::resolved_fresh : limits::unresolved_fresh);
    if (is_success || !addresses) addresses = std::move(looked_up);
    found.set();
  }
  [[nodiscard]] bool is_good(TimePoint now) const noexcept {
    return found.is_set() ? now < fresh_until : now < begun + limits::look_up_max;
  }

  Signal found;
  TimePoint begun;
  TimePoint fresh_until = {};
  Addresses addresses = std::unexpected(std::errc::timed_out);
};

Resolver::Resolver(Loop& loop, Workers& workers, LookUp look_up)
    : loop_{loop}, workers_{workers}, look_up_{std::move(look_up)} {
}

std::shared_ptr<Resolver::Name> Resolver::known_or_begun(const std::string& host) {
  if (names_.size() >= limits::resolved_names_max && !names_.contains(host)) names_.clear();
  std::shared_ptr<Name>& place = names_[host];
  if (place != nullptr && place->is_good(loop_.now())) return place;

  auto name = std::make_shared<Name>(loop_);
  if (place != nullptr) name->addresses = place->addresses;
  place = name;
  begin(host, name);
  return name;
}

void Resolver::begin(const std::string& host, const std::shared_ptr<Name>& name) {
  const bool is_accepted =
      workers_.submit([&loop = loop_, name, host, look_up = look_up_]() mutable {
        auto report = [&loop, name = std::move(name), addresses = look_up(host)]() mutable {
          name->fill(std::move(addresses), loop.now());
        };
        static_cast<void>(loop.post(std::move(report)));
      });
  if (!is_accepted) name->fill(std::unexpected(std::errc::no_buffer_space), loop_.now());
}

Task<IoResult<std::vector<Endpoint>>> Resolver::resolve(std::string host, std::uint16_t port,
                                                        TimePoint deadline) {
  const std::optional<Address> literal = parse_address(host);
  if (literal) co_return std::vector{Endpoint{*literal, port}};

  const std::shared_ptr<Name> name = known_or_begun(host);
  const bool is_found = co_await name->found.wait(deadline);
  if (!is_found && !name->addresses) co_return std::unexpected(std::errc::timed_out);
  if (!name->addresses) co_return std::unexpected(name->addresses.error());
  std::vector<Endpoint> endpoints;
  for (const Address& address : with_families_in_turn(*name->addresses)) {
    endpoints.push_back({address, port});
  }
  co_return endpoints;
}

Task<IoResult<Socket>> connect_to_any(Loop& loop, std::vector<Endpoint> endpoints,
                                      TimePoint deadline) {
  std::errc last = std::errc::address_not_available;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const TimePoint now = loop.now();
    const auto left = static_cast<TimePoint::rep>(endpoints.size() - i);
    const TimePoint share = now + (deadline - now) / left;
    IoResult<Socket> socket = co_await connect(loop, endpoints[i], share);
    if (socket) co_return socket;
    last = socket.error();
  }
  co_return std::unexpected(last);
}

}  // namespace relay::net
