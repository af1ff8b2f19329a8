#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "net/buffer_pool.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/pieces.h"
#include "net/tls_session.h"

// One attempt to move bytes: what the operations of plain and of encrypted streams have in common.
// Each keeps the flags of its watch true, so that no system call is made only to be told to wait.
namespace relay::net {

// The outcome of an attempt; none while it has to wait.
template <typename T>
using Attempt = std::optional<IoResult<T>>;

// Fills `space` as far as there is something; 0 at the end of the stream.
[[nodiscard]] Attempt<std::size_t> receive(Watch& watch, std::span<char> space) noexcept;

// As above, into a buffer of `pool`, which is not taken before there is something to put into it;
// empty at the end of the stream.
[[nodiscard]] Attempt<Buffer> receive(Watch& watch, BufferPool& pool) noexcept;

// Sends what it can and drops it from `pieces`. Finished when nothing is left.
[[nodiscard]] Attempt<void> send(Watch& watch, Pieces& pieces) noexcept;

// Whether the peer has acknowledged something since `left` was noted, which is noted anew: what it
// has still to take, `unsent` and what the kernel holds. For whatever the peer does, the kernel
// finds room for more in its buffer now and then.
[[nodiscard]] bool takes_more(const Watch& watch, std::int64_t unsent, std::int64_t& left) noexcept;

// The same through TLS. A connection that closes without the peer's word for it is
// std::errc::connection_aborted; protocol_error is what could not be decrypted or encrypted.

[[nodiscard]] Attempt<Buffer> receive(Watch& watch, TlsSession& tls, BufferPool& pool) noexcept;

[[nodiscard]] Attempt<void> send(Watch& watch, TlsSession& tls, Pieces& pieces) noexcept;

// From here on the loop is not told of less than limits::burst_bytes, unless it is the end of the
// stream. A kernel that cannot do that goes on to tell of each byte.
void gather(Watch& watch) noexcept;

// The opposite. True: there may be something that nobody was told of.
bool stop_gathering(Watch& watch) noexcept;

// Takes over what an attempt has given. False: it has to wait.
template <typename T>
[[nodiscard]] bool keep(Attempt<T> attempt, IoResult<T>& outcome) noexcept {
  if (attempt) outcome = std::move(*attempt);
  return attempt.has_value();
}

}  // namespace relay::net
