#include "exchange/digest_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace relay::exchange {
namespace {

using namespace std::chrono_literals;

core::KeyDigest random_digest(std::mt19937_64& random) {
  core::KeyDigest digest = {};
  std::ranges::generate(digest, [&] { return static_cast<std::uint8_t>(random()); });
  return digest;
}

std::vector<KeyEntry> random_keys(std::size_t count, std::mt19937_64& random) {
  std::vector<KeyEntry> keys(count);
  for (KeyEntry& key : keys) key.digest = random_digest(random);
  return keys;
}

TEST(DigestIndex, FindsEveryKeyAndNoOther) {
  std::mt19937_64 random{1};
  for (const std::size_t count : {0u, 1u, 2u, 3u, 1'000u}) {
    const std::vector<KeyEntry> keys = random_keys(count, random);
    const DigestIndex index{keys};
    for (const KeyEntry& key : keys) EXPECT_EQ(index.find(key.digest, WallTime{}), &key);
    EXPECT_EQ(index.find(random_digest(random), WallTime{}), nullptr);
    EXPECT_EQ(index.find({}, WallTime{}), nullptr);
  }
}

TEST(DigestIndex, TellsDigestsApartWhoseFirstBytesAreTheSame) {
  std::vector<KeyEntry> keys(20);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].digest.fill(0xff);
    keys[i].digest.back() = static_cast<std::uint8_t>(i);
  }
  const DigestIndex index{keys};
  for (const KeyEntry& key : keys) EXPECT_EQ(index.find(key.digest, WallTime{}), &key);
  core::KeyDigest other = keys[0].digest;
  other.back() = 0xff;
  EXPECT_EQ(index.find(other, WallTime{}), nullptr);
}

TEST(DigestIndex, FindsAFormerSecretUntilItsTimeIsUp) {
  std::mt19937_64 random{2};
  std::vector<KeyEntry> keys = random_keys(3, random);
  const WallTime valid_until{10s};
  keys[1].former = FormerDigest{random_digest(random), valid_until};
  const DigestIndex index{keys};
  EXPECT_EQ(index.find(keys[1].former->digest, valid_until - 1ms), &keys[1]);
  EXPECT_EQ(index.find(keys[1].former->digest, valid_until), nullptr);
  EXPECT_EQ(index.find(keys[1].digest, valid_until), &keys[1]);
}

TEST(DigestIndex, DoesNotFindWhatIsStaleButItsFormerSecret) {
  std::mt19937_64 random{3};
  std::vector<KeyEntry> keys = random_keys(1, random);
  keys[0].has_stale_digest = true;
  keys[0].former = FormerDigest{random_digest(random), WallTime::max()};
  const DigestIndex index{keys};
  EXPECT_EQ(index.find(keys[0].digest, WallTime{}), nullptr);
  EXPECT_EQ(index.find(keys[0].former->digest, WallTime{}), &keys[0]);
}

}  // namespace
}  // namespace relay::exchange
