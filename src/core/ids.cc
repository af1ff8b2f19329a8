#include "core/ids.h"

#include <openssl/sha.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "base/random.h"

namespace relay::core {
namespace {

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::uint64_t milliseconds_of(WallTime time) noexcept {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

std::string to_string(const AttemptId& id) {
  return hexadecimal(id.bytes);
}

AttemptId new_attempt_id(WallTime now) {
  constexpr std::size_t time_bytes = 6;
  AttemptId id;
  auto left = milliseconds_of(now);
  for (std::size_t i = time_bytes; i-- > 0; left >>= 8) {
    id.bytes[i] = static_cast<std::uint8_t>(left & 0xff);
  }
  random_bytes(std::span{id.bytes}.subspan<time_bytes>());
  return id;
}

// No id of a batch has a zero byte in it, so no two pairs are hashed as the same text.
AttemptId attempt_of_result(std::string_view batch, std::string_view custom_id) {
  std::string text{batch};
  text += '\0';
  text += custom_id;
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digest.data());
  AttemptId id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

RequestId new_request_id(WallTime now) {
  constexpr std::string_view prefix = "req_";
  constexpr std::size_t time_digits = 8;
  std::array<char, 28> text;
  std::ranges::copy(prefix, text.begin());
  auto left = milliseconds_of(now);
  for (std::size_t i = prefix.size() + time_digits; i-- > prefix.size(); left /= 62) {
    text[i] = base62_digits[left % 62];
  }
  random_base62(std::span{text}.subspan<prefix.size() + time_digits>());
  return RequestId{std::string_view{text.data(), text.size()}};
}

std::string new_uuid() {
  std::array<std::uint8_t, 16> bytes;
  random_bytes(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // Version 4: random.
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // The variant of the RFC.
  std::string text = hexadecimal(bytes);
  for (const std::size_t dash : {20u, 16u, 12u, 8u}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace relay::core
