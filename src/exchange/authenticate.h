#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "core/credential.h"
#include "exchange/key_table.h"
#include "http/head.h"

namespace relay::exchange {

// Whose request it is. Valid as long as the snapshot, which it keeps.
struct Principal {
  std::shared_ptr<const KeySnapshot> keys;
  const KeyEntry* key = nullptr;
  core::KeyDigest digest = {};  // Of what was shown: the key's secret, or its former one.
};

// The relay key that a request shows, in x-api-key or as a Bearer token (decision 7): its text,
// once its form and checksum were found right. unauthenticated: there is none, or there are two
// that differ. invalid_request: a field is there twice.
Result<std::string_view> presented_key(const http::RequestHead& head);

// Who is asking. Reads the snapshot only: no store, no slow hash, no suspension. Says nothing about
// what the key may do; a disabled key is still known.
Result<Principal> authenticate(const KeyTable& keys, const core::Pepper& pepper,
                               const http::RequestHead& head, WallTime now);

// Looks again, if the keys have changed meanwhile: reading a body takes time, and a key that is
// taken away in it begins nothing any more. unauthenticated: it was.
Result<void> renew(const KeyTable& keys, WallTime now, Principal& principal);

// Whether the key that a request shows is one whose digest was made under another pepper.
bool may_be_stale(const KeyTable& keys, const http::RequestHead& head);

}  // namespace relay::exchange
