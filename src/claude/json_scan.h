#pragma once

#include <cstdint>

namespace relay::claude {

// Bit n speaks of byte n of a block of 64 bytes.
using Places = std::uint64_t;

// What a block leaves to the next one of the escapes in it.
struct OpenEscape {
  Places letter = 0;  // Bit 0: the letter of an escape comes first.
  Places digits = 0;  // Bit n: byte n has to be a hexadecimal digit.
};

// A walk over JSON that begins outside of strings: how far it has come, and what it knows there.
struct JsonScan {
  const char* next;
  const char* end;
  const char* block = nullptr;  // The one that was looked at last.
  Places inside = 0;            // All bits, if `next` is inside a string.
  Places in_scalar = 0;         // Bit 0: the byte before `next` is part of a number or a word.
  OpenEscape escape = {};
  bool is_over = false;  // The end was reached, or a string with what may not stand there.
};

// Looks at 64 bytes at once, with the vectors of one kind of processor.
struct JsonScanner {
  // Looks at blocks until tokens begin in one, or the walk is over: where they do in scan.block.
  // Brackets, commas and colons are tokens, and strings, and what stands between those without
  // blanks, be it JSON or not. A string is known to be good, and to end, once a token behind it was
  // found; behind a bad one none is.
  Places (*find_tokens)(JsonScan& scan) noexcept;

  // From a place in a string to its closing quote; or, where that does not come in whole blocks of
  // what JSON allows in strings, to a place before its end that is not inside an escape.
  //
  // Sets `has_escapes` if there was one, and leaves it as it is otherwise.
  const char* (*skip_text)(const char* at, const char* end, bool& has_escapes) noexcept;
};

// For the processor we run on; null if there is none for it.
[[nodiscard]] const JsonScanner* json_scanner() noexcept;

// Null in a build for another architecture. Ask the processor before they are used.
[[nodiscard]] const JsonScanner* avx2_json_scanner() noexcept;
[[nodiscard]] const JsonScanner* ssse3_json_scanner() noexcept;

}  // namespace relay::claude
