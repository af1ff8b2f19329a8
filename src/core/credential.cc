// The SHA256_* calls are deprecated in favour of EVP, which cannot resume from a saved state and
// allocates a context for every digest. They are the same assembly.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/credential.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>
#include <span>

#include "base/crc.h"
#include "base/random.h"

namespace relay::core {
namespace {

constexpr std::size_t checksum_at = key_chars - key_checksum_chars;
using Checksum = std::array<char, key_checksum_chars>;
using Block = std::array<std::uint8_t, SHA256_CBLOCK>;

Checksum checksum_of(std::string_view key) noexcept {
  std::uint32_t crc = crc32(std::as_bytes(std::span{key.substr(0, checksum_at)}));
  Checksum digits;
  for (std::size_t i = digits.size(); i-- > 0; crc /= 62) digits[i] = base62_digits[crc % 62];
  return digits;
}

constexpr std::array<bool, 256> is_base62 = [] {
  std::array<bool, 256> table{};
  for (const char digit : base62_digits) table[static_cast<unsigned char>(digit)] = true;
  return table;
}();

KeyDigest sha256(std::string_view text) noexcept {
  KeyDigest digest;
  SHA256(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), digest.data());
  return digest;
}

// SHA-256 after one block: the secret, filled up with zeros and masked.
std::array<std::uint32_t, 8> state_after(const KeyDigest& secret, std::uint8_t mask) noexcept {
  Block block{};
  std::ranges::copy(secret, block.begin());
  for (std::uint8_t& byte : block) byte = static_cast<std::uint8_t>(byte ^ mask);
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Transform(&context, block.data());
  std::array<std::uint32_t, 8> state;
  std::copy_n(context.h, state.size(), state.begin());
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(&context, sizeof context);
  return state;
}

KeyDigest resume(const std::array<std::uint32_t, 8>& state,
                 std::span<const std::uint8_t> rest) noexcept {
  SHA256_CTX context;
  SHA256_Init(&context);
  std::ranges::copy(state, context.h);
  context.Nl = 8 * SHA256_CBLOCK;  // Bits so far: the one block.
  SHA256_Update(&context, rest.data(), rest.size());
  KeyDigest digest;
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What bcrypt is given: 44 characters, so that all of them are below its limit of 72.
std::string bcrypt_input(std::string_view text) {
  KeyDigest digest = sha256(text);
  std::string encoded(4 * ((digest.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(encoded.data()), digest.data(), digest.size());
  OPENSSL_cleanse(digest.data(), digest.size());
  return encoded;
}

// Empty if `setting` is none. `setting` is a salt or a whole hash.
std::string bcrypt(std::string_view text, const char* setting) {
  const auto scratch = std::make_unique<crypt_data>();
  std::string input = bcrypt_input(text);
  const char* const hash = ::crypt_r(input.c_str(), setting, scratch.get());
  std::string result = hash == nullptr || *hash == '*' ? "" : hash;
  wipe(input);
  OPENSSL_cleanse(scratch.get(), sizeof *scratch);
  return result;
}

Secret generate(std::string_view prefix) {
  std::string text(key_chars, '\0');
  std::ranges::copy(prefix, text.begin());
  random_base62(std::span{text}.subspan(prefix.size(), key_public_id_chars + key_secret_chars));
  std::ranges::copy(checksum_of(text), text.begin() + checksum_at);
  return Secret{std::move(text)};
}

std::optional<PresentedKey> parse(std::string_view text, std::string_view prefix) noexcept {
  if (text.size() != key_chars || !text.starts_with(prefix)) return {};
  for (const char digit : text.substr(prefix.size())) {
    if (!is_base62[static_cast<unsigned char>(digit)]) return {};
  }
  if (std::memcmp(text.data() + checksum_at, checksum_of(text).data(), key_checksum_chars) != 0) {
    return {};
  }
  return PresentedKey{.text = text, .public_id = text.substr(prefix.size(), key_public_id_chars)};
}

}  // namespace

Secret generate_key() {
  return generate(key_prefix);
}

Secret generate_admin_token() {
  return generate(admin_token_prefix);
}

std::optional<PresentedKey> parse_key(std::string_view text) noexcept {
  return parse(text, key_prefix);
}

std::optional<PresentedKey> parse_admin_token(std::string_view text) noexcept {
  return parse(text, admin_token_prefix);
}

// SECRET_KEY signs sessions too: the label keeps the two uses apart.
Pepper::Pepper(const Secret& secret_key) noexcept {
  constexpr std::string_view label = "relay-station key digest 1";
  KeyDigest root = sha256(secret_key.reveal());
  const auto root_inner = state_after(root, 0x36);
  const auto root_outer = state_after(root, 0x5c);
  KeyDigest pepper = resume(root_outer, resume(root_inner, bytes_of(label)));
  inner_ = state_after(pepper, 0x36);
  outer_ = state_after(pepper, 0x5c);
  OPENSSL_cleanse(root.data(), root.size());
  OPENSSL_cleanse(pepper.data(), pepper.size());
}

Pepper::~Pepper() {
  OPENSSL_cleanse(inner_.data(), sizeof inner_);
  OPENSSL_cleanse(outer_.data(), sizeof outer_);
}

KeyDigest Pepper::digest(std::string_view key) const noexcept {
  return resume(outer_, resume(inner_, bytes_of(key)));
}

std::string Pepper::check() const {
  // No key has this form, so no digest is given away.
  const KeyDigest name = digest("the name of this pepper");
  std::string text(16, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = base62_digits[name[i] % 62];
  return text;
}

std::string hash_secret(std::string_view text, int cost) {
  std::array<char, 16> random;
  random_bytes({reinterpret_cast<std::uint8_t*>(random.data()), random.size()});
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt;
  const char* const setting = ::crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost),
                                                 random.data(), static_cast<int>(random.size()),
                                                 salt.data(), static_cast<int>(salt.size()));
  assert(setting != nullptr && "a cost that bcrypt does not know");
  return bcrypt(text, setting);
}

bool verify_secret(std::string_view text, const std::string& hash) {
  if (!hash.starts_with("$2")) return false;
  const std::string again = bcrypt(text, hash.c_str());
  return again.size() == hash.size() && CRYPTO_memcmp(again.data(), hash.data(), hash.size()) == 0;
}

bool equal_digests(const KeyDigest& a, const KeyDigest& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace relay::core
