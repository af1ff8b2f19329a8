#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

namespace relay {
namespace {

TEST(Secret, PrintsAsAPlaceholder) {
  const Secret secret{"sk-ant-very-secret"};
  std::ostringstream stream;
  stream << secret;
  EXPECT_EQ(stream.str(), "[secret]");
  EXPECT_EQ(fmt::format("{}", secret), "[secret]");
}

TEST(Secret, PrintsNothingWhenThereIsNone) {
  EXPECT_EQ(fmt::format("{}", Secret{}), "");
}

TEST(Secret, MatchesOnlyTheSameText) {
  const Secret secret{"abc"};
  EXPECT_TRUE(secret.matches("abc"));
  EXPECT_FALSE(secret.matches("abd"));
  EXPECT_FALSE(secret.matches("ab"));
  EXPECT_FALSE(secret.matches("abcd"));
  EXPECT_FALSE(secret.matches(""));
  EXPECT_EQ(secret, Secret{"abc"});
}

TEST(Secret, IsCopiedAndMoved) {
  Secret first{"a secret that is too long to be held in place"};
  Secret second{first};
  EXPECT_EQ(first, second);
  Secret third;
  third = std::move(second);
  EXPECT_EQ(third.reveal(), first.reveal());
  const Secret& itself = third;
  third = itself;
  EXPECT_EQ(third, first);
}

// Short strings lie inside the object, so the storage can be looked at after the destructor ran.
TEST(Secret, LeavesNoByteBehind) {
  alignas(Secret) unsigned char storage[sizeof(Secret)];
  auto* secret = new (storage) Secret{std::string{"zqzqzqzq"}};
  secret->~Secret();
  const std::string_view left{reinterpret_cast<const char*>(storage), sizeof storage};
  EXPECT_EQ(left.find("zq"), std::string_view::npos);
}

TEST(Secret, LeavesNoByteInWhatItWasMadeOf) {
  std::string source = "zqzqzqzq";
  const char* bytes = source.data();
  const Secret secret{std::move(source)};
  EXPECT_EQ(std::string_view(bytes, 8).find("zq"), std::string_view::npos);
  EXPECT_EQ(secret.reveal(), "zqzqzqzq");
}

}  // namespace
}  // namespace relay
