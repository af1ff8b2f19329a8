#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "core/key.h"

namespace relay::core {

// Our keys, as clients show them: 57 characters
//
//   sk-proxy- | public id: 10 | secret: 32 | checksum: 6
//
// all base62. The secret has 190 bits. The checksum is the CRC-32 (base/crc.h) of the 51 characters
// before it, most significant digit first: a mistyped or made-up key is refused without a lookup.
inline constexpr std::string_view key_prefix = "sk-proxy-";
inline constexpr std::size_t key_public_id_chars = 10;
inline constexpr std::size_t key_secret_chars = 32;
inline constexpr std::size_t key_checksum_chars = 6;
inline constexpr std::size_t key_chars =
    key_prefix.size() + key_public_id_chars + key_secret_chars + key_checksum_chars;

// Admin tokens look alike, but for their prefix.
inline constexpr std::string_view admin_token_prefix = "sk-admin-";
static_assert(admin_token_prefix.size() == key_prefix.size());

// A new key, or admin token. Its text is shown once and never stored.
Secret generate_key();
Secret generate_admin_token();

// A text with the form of a key or an admin token. Views into what was parsed.
struct PresentedKey {
  std::string_view text;
  std::string_view public_id;  // How people, logs and the store name it.
};

// Checks syntax and checksum, neither of which is a secret. Does not allocate; well under 1 us.
std::optional<PresentedKey> parse_key(std::string_view text) noexcept;
std::optional<PresentedKey> parse_admin_token(std::string_view text) noexcept;

// What turns a key into the digest by which it is found: HMAC-SHA-256 under a secret derived from
// SECRET_KEY. Who has the store but not SECRET_KEY cannot even test a guess.
//
// Immutable and thread-safe. Wiped when it goes.
class Pepper {
 public:
  explicit Pepper(const Secret& secret_key) noexcept;
  Pepper(const Pepper&) = delete;
  Pepper& operator=(const Pepper&) = delete;
  ~Pepper();

  // Does not allocate. The key takes as long as every other key of its length.
  [[nodiscard]] KeyDigest digest(std::string_view key) const noexcept;

  // Names the pepper without giving it away: differs when SECRET_KEY does.
  [[nodiscard]] std::string check() const;

 private:
  // SHA-256 after the first block of each half of HMAC (RFC 2104 section 4), made once.
  std::array<std::uint32_t, 8> inner_;
  std::array<std::uint32_t, 8> outer_;
};

inline constexpr std::size_t password_characters_min = 12;  // Of an administrator.

// The slow hash of a secret, be it a key or an administrator's password: bcrypt of
// base64(SHA-256(text)), so that neither length nor a NUL byte cuts what is hashed. 47 ms at cost
// 10: on worker threads only.
inline constexpr int secret_hash_cost = 10;  // 2^10 rounds.
std::string hash_secret(std::string_view text, int cost = secret_hash_cost);

// Whether `hash` was made of `text`. False for a hash that is none. As slow as hash_secret.
bool verify_secret(std::string_view text, const std::string& hash);

// Takes as long for a near miss as for a match.
bool equal_digests(const KeyDigest& a, const KeyDigest& b) noexcept;

}  // namespace relay::core
