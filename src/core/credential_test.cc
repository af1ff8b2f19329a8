#include "core/credential.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <set>
#include <string>

#include "base/random.h"

namespace relay::core {
namespace {

constexpr int fast = 4;  // The lowest cost that bcrypt knows.

std::string new_key() {
  return std::string{generate_key().reveal()};
}

TEST(Key, HasTheFormOfAKeyWhenItIsNew) {
  for (int i = 0; i < 1'000; ++i) {
    const std::string key = new_key();
    ASSERT_THAT(key, testing::MatchesRegex("sk-proxy-[0-9A-Za-z]{48}"));
    const auto parsed = parse_key(key);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->text, key);
    EXPECT_EQ(parsed->public_id, key.substr(9, 10));
  }
}

TEST(Key, IsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(new_key());
  EXPECT_EQ(seen.size(), 1'000u);
}

// Whoever writes a key checker in another language starts from this line.
TEST(Key, HasTheChecksumThatIsDocumented) {
  const std::string body = "sk-proxy-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
  EXPECT_TRUE(parse_key(body + "4FMxMw"));
}

TEST(Key, IsNotAKeyWithAnyCharacterChanged) {
  const std::string key = new_key();
  for (std::size_t at = 0; at < key.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = key;
      changed[at] = static_cast<char>(byte);
      EXPECT_EQ(parse_key(changed).has_value(), changed == key) << at << " " << byte;
    }
  }
}

TEST(Key, IsNotAKeyWhenCutOrLengthened) {
  const std::string key = new_key();
  for (std::size_t size = 0; size < key.size(); ++size)
    EXPECT_FALSE(parse_key(key.substr(0, size)));
  for (const char* more : {"0", " ", "\n", "\t"}) {
    EXPECT_FALSE(parse_key(key + more));
    EXPECT_FALSE(parse_key(more + key));
  }
  EXPECT_FALSE(parse_key(key + '\0'));
}

TEST(AdminToken, IsNeverTakenForAKeyNorAKeyForOne) {
  const Secret token = generate_admin_token();
  EXPECT_THAT(std::string{token.reveal()}, testing::MatchesRegex("sk-admin-[0-9A-Za-z]{48}"));
  EXPECT_TRUE(parse_admin_token(token.reveal()));
  EXPECT_FALSE(parse_key(token.reveal()));
  EXPECT_FALSE(parse_admin_token(new_key()));
}

TEST(Pepper, GivesTheHmacThatOpenSslGives) {
  const Pepper pepper{Secret{"a secret key"}};
  KeyDigest root;
  EVP_Digest("a secret key", 12, root.data(), nullptr, EVP_sha256(), nullptr);
  const std::string label = "relay-station key digest 1";
  KeyDigest derived;
  HMAC(EVP_sha256(), root.data(), 32, reinterpret_cast<const std::uint8_t*>(label.data()),
       label.size(), derived.data(), nullptr);
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string key(size, 'k');
    KeyDigest expected;
    HMAC(EVP_sha256(), derived.data(), 32, reinterpret_cast<const std::uint8_t*>(key.data()), size,
         expected.data(), nullptr);
    EXPECT_TRUE(equal_digests(pepper.digest(key), expected)) << size;
  }
}

TEST(Pepper, ChangesEveryDigestWithTheSecretKey) {
  const std::string key = new_key();
  const Pepper one{Secret{"a secret key"}};
  const Pepper same{Secret{"a secret key"}};
  const Pepper other{Secret{"another secret key"}};
  EXPECT_EQ(one.digest(key), same.digest(key));
  EXPECT_NE(one.digest(key), other.digest(key));
  EXPECT_NE(one.digest(key), one.digest(new_key()));
  EXPECT_EQ(one.check(), same.check());
  EXPECT_NE(one.check(), other.check());
}

TEST(SecretHash, MatchesItsTextAndNoOther) {
  const std::string hash = hash_secret("correct horse", fast);
  EXPECT_THAT(hash, testing::StartsWith("$2b$04$"));
  EXPECT_TRUE(verify_secret("correct horse", hash));
  EXPECT_FALSE(verify_secret("correct horsf", hash));
  EXPECT_FALSE(verify_secret("", hash));
  EXPECT_NE(hash, hash_secret("correct horse", fast)) << "the salt is random";
}

// bcrypt alone reads 72 bytes and stops at a NUL.
TEST(SecretHash, SeesEveryByteOfALongText) {
  const std::string beginning(72, 'a');
  const std::string hash = hash_secret(beginning + "b", fast);
  EXPECT_TRUE(verify_secret(beginning + "b", hash));
  EXPECT_FALSE(verify_secret(beginning + "c", hash));
  EXPECT_FALSE(verify_secret(beginning, hash));

  using namespace std::string_literals;
  EXPECT_FALSE(verify_secret("pass\0word"s, hash_secret("pass\0ward"s, fast)));
}

TEST(SecretHash, IsMatchedByNothingWhenItIsNoHash) {
  for (const char* hash : {"", "*0", "*1", "$", "$2b$", "$2b$10$", "$2b$99$abc", "plain text",
                           "$1$salt$hash", "$2b$04$abcdefghijklmnopqrstuv"}) {
    EXPECT_FALSE(verify_secret("text", hash)) << hash;
  }
}

}  // namespace
}  // namespace relay::core
