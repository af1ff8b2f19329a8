#include "exchange/key_table.h"

#include <gtest/gtest.h>

namespace relay::exchange {
namespace {

KeyEntry key(std::uint8_t number, std::string public_id) {
  KeyEntry entry{.id = core::KeyId{number}, .public_id = std::move(public_id)};
  entry.digest[0] = number;
  return entry;
}

TEST(KeyTable, FindsAKeyByItsDigestItsIdAndWhatPeopleSee) {
  const std::vector<KeyEntry> keys = {key(1, "aaaaaaaaaa"), key(2, "bbbbbbbbbb")};
  const KeyTable table{keys};
  const auto snapshot = table.snapshot();
  EXPECT_EQ(snapshot->find(keys[1].digest, WallTime{})->id, core::KeyId{2});
  EXPECT_EQ(snapshot->find_public("aaaaaaaaaa")->id, core::KeyId{1});
  EXPECT_EQ(snapshot->find(core::KeyDigest{9}, WallTime{}), nullptr);
  EXPECT_EQ(snapshot->find(core::KeyId{2})->public_id, "bbbbbbbbbb");
  EXPECT_EQ(snapshot->find(core::KeyId{3}), nullptr);
}

TEST(KeyTable, DoesNotFindAKeyByADigestThatIsStale) {
  std::vector<KeyEntry> keys = {key(1, "aaaaaaaaaa")};
  keys[0].has_stale_digest = true;
  const KeyTable table{keys};
  EXPECT_EQ(table.snapshot()->find(keys[0].digest, WallTime{}), nullptr);
  EXPECT_NE(table.snapshot()->find_public("aaaaaaaaaa"), nullptr);
}

TEST(KeyTable, KeepsASnapshotThatIsStillReadAfterItWasReplaced) {
  KeyTable table{std::vector<KeyEntry>{key(1, "aaaaaaaaaa")}};
  const auto before = table.snapshot();
  table.replace({});
  EXPECT_EQ(before->size(), 1u);
  EXPECT_EQ(table.snapshot()->size(), 0u);
}

}  // namespace
}  // namespace relay::exchange
