#include "http/chunk_extensions.h"

#include "base/limits.h"
#include "http/characters.h"

namespace relay::http {

Parsed<bool> ChunkExtensions::take(char c) noexcept {
  const bool may_end = state_ == State::between || state_ == State::name || state_ == State::value;
  if (c == '\r' && may_end) {
    state_ = State::between;
    chunk_bytes_ = 0;
    return true;
  }
  state_ = next_state(c);
  if (state_ == State::refused) return malformed("a chunk extension is malformed");
  if (++chunk_bytes_ > limits::chunk_extension_bytes_max ||
      ++message_bytes_ > limits::chunk_extensions_bytes_max) {
    return malformed("the chunk extensions are too long");
  }
  return false;
}

ChunkExtensions::State ChunkExtensions::next_state(char c) const noexcept {
  const bool is_token = is_in(CharClass::token, c);
  switch (state_) {
    case State::quoted:
      if (c == '"') return State::between;
      return c >= ' ' && c <= '~' && c != '\\' ? State::quoted : State::refused;
    case State::name_begin: return is_token ? State::name : State::refused;
    case State::value_begin:
      if (c == '"') return State::quoted;
      return is_token ? State::value : State::refused;
    case State::name:
      if (c == '=') return State::value_begin;
      break;
    case State::value: break;
    case State::between:
    case State::refused: return c == ';' ? State::name_begin : State::refused;
  }
  if (c == ';') return State::name_begin;
  return is_token ? state_ : State::refused;
}

}  // namespace relay::http
