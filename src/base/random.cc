#include "base/random.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace relay {
namespace {

// A call costs as much as some hundred bytes of it.
constexpr std::size_t stock_bytes = 4'096;

struct Stock {
  std::array<std::uint8_t, stock_bytes> bytes;
  std::size_t left = 0;
};
thread_local Stock stock;

// Parent and child would otherwise hand out the same bytes.
[[maybe_unused]] const int forget_after_fork =
    ::pthread_atfork(nullptr, nullptr, [] { stock.left = 0; });

void draw(std::span<std::uint8_t> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno != EINTR) std::abort();  // Only on a kernel without the call.
    if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

void random_bytes(std::span<std::uint8_t> bytes) noexcept {
  if (bytes.size() > stock_bytes / 4) return draw(bytes);
  if (stock.left < bytes.size()) {
    draw(stock.bytes);
    stock.left = stock.bytes.size();
  }
  std::uint8_t* const from = stock.bytes.data() + (stock.left - bytes.size());
  std::copy_n(from, bytes.size(), bytes.begin());
  ::explicit_bzero(from, bytes.size());
  stock.left -= bytes.size();
}

void random_base62(std::span<char> text) noexcept {
  for (std::size_t filled = 0; filled < text.size();) {
    std::array<std::uint8_t, 20> bytes;  // Enough for 16 digits, nearly always.
    random_bytes(bytes);
    for (const std::uint8_t byte : bytes) {
      const std::size_t six_bits = byte & 63;  // Two of their values are no digit.
      if (six_bits < base62_digits.size() && filled < text.size()) {
        text[filled++] = base62_digits[six_bits];
      }
    }
  }
}

}  // namespace relay
