#pragma once

#include <span>
#include <string>

#include "base/address.h"
#include "base/address_range.h"
#include "http/head.h"

// What front proxies say of a request (X-Forwarded-*). Anybody may write these fields, so nothing
// is believed but what the proxies that the operator trusts have written. X-Real-IP and Forwarded
// are not read.
namespace relay::http {

// Whose request this is: the other end of the connection, `peer`; or, where that is a trusted
// proxy, the hop nearest to us in X-Forwarded-For that is none, to be found by walking from the
// right. All hops being trusted, it is the first of them. Not known if the walk meets what is no
// address.
[[nodiscard]] Address client_address(const Address& peer, const Fields& fields,
                                     std::span<const AddressRange> trusted) noexcept;

// How the client reached the relay: "http://" and the Host field. Where a trusted proxy passed the
// request on, X-Forwarded-Proto and X-Forwarded-Host say it, each if there is one of it and sound.
[[nodiscard]] std::string public_origin(const Fields& fields, bool is_proxied);

}  // namespace relay::http
