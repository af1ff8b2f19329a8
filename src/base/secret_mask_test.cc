#include "base/secret_mask.h"

#include <gtest/gtest.h>

namespace relay {
namespace {

std::string masked(const SecretMask& mask, std::string text) {
  mask.apply(text);
  return text;
}

TEST(SecretMask, HidesWhatItWasToldOf) {
  SecretMask mask;
  mask.add(Secret{"hunter2hunter2"});
  EXPECT_EQ(masked(mask, "a hunter2hunter2, hunter2hunter2hunter2hunter2"),
            "a [secret], [secret][secret]");
}

TEST(SecretMask, HidesASecretThatWasEscaped) {
  SecretMask mask;
  mask.add(Secret{"quote\"back\\slash"});
  EXPECT_EQ(masked(mask, R"({"a":"quote\"back\\slash"})"), R"({"a":"[secret]"})");
  EXPECT_EQ(masked(mask, R"(quote"back\slash)"), "[secret]");
}

TEST(SecretMask, HidesWhatLooksLikeACredential) {
  const SecretMask mask;
  EXPECT_EQ(masked(mask, "key sk-ant-api03-abc_DEF-123 end"), "key sk-[secret] end");
  EXPECT_EQ(masked(mask, "sk-proxy-0123456789"), "sk-[secret]");
  EXPECT_EQ(masked(mask, "authorization: Bearer abc.def~ghi+jkl/="),
            "authorization: Bearer [secret]");
  EXPECT_EQ(masked(mask, "\"eyJhbGciOiJIUzI1NiJ9.e30.abc\""), "\"eyJ[secret]\"");
}

// What a client chooses may stand right before it.
TEST(SecretMask, HidesTokensOfOursWhateverPrecedesThem) {
  const std::string digits = "0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789Ab";
  const std::string session = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4In0.c2ln";
  const SecretMask mask;
  for (const std::string before :
       {"x", "_", "9", R"(\n)", R"(\t)", R"(\u0000)", "/v1/messages/x", "%0a", "xsk-", "sk-sk-"}) {
    for (const std::string& token : {"sk-proxy-" + digits, "sk-admin-" + digits, session}) {
      const std::string text = masked(mask, before + token + " end");
      EXPECT_TRUE(text.ends_with("[secret] end")) << text;
      EXPECT_LT(text.size(), before.size() + 24) << text;
    }
  }
}

TEST(SecretMask, TakesWhatFollowsAnEscapeForTheBeginningOfAWord) {
  const SecretMask mask;
  EXPECT_EQ(masked(mask, R"("\nsk-abc-12345")"), R"("\nsk-[secret]")");
  EXPECT_EQ(masked(mask, R"("\u0001Bearer abc.12345")"), R"("\u0001Bearer [secret]")");
}

TEST(SecretMask, LeavesOrdinaryTextAlone) {
  SecretMask mask;
  mask.add(Secret{"short"});
  for (const std::string text :
       {"a short word", "the task-force-of-twelve", "sk-1", "sk-", "eyJ", "disk-usage-of-the-store",
        "task-proxy-connections-of-the_relay", ""}) {
    EXPECT_EQ(masked(mask, text), text);
  }
}

TEST(SecretMask, EndsWhenTheSecretLooksLikeItsPlaceholder) {
  SecretMask mask;
  mask.add(Secret{"[secret]"});
  EXPECT_EQ(masked(mask, "[secret][secret]"), "[secret][secret]");
}

}  // namespace
}  // namespace relay
