#include "app/secrets.h"

#include <gmock/gmock.h>

#include "app/config_fixture.h"

namespace relay::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SecretsTest : public ConfigFixture {
 protected:
  SecretsTest() { config_.data_dir = folder_ / "data"; }

  std::string refusal() {
    const auto secrets = station_secrets(config_);
    if (secrets) return "";
    std::string text;
    for (const Problem& problem : secrets.error()) text += to_string(problem) + "\n";
    return text;
  }
  std::filesystem::perms mode(const std::filesystem::path& file) {
    return std::filesystem::status(file).permissions();
  }

  Config config_;
};

constexpr std::string_view good_key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccdd";
constexpr std::string_view good_password = "correct horse battery staple";

TEST_F(SecretsTest, GeneratesBothOnceAndKeepsThem) {
  const auto first = station_secrets(config_);
  ASSERT_TRUE(first);
  EXPECT_GE(first->secret_key.size(), 32U);
  EXPECT_GE(first->admin_password.size(), 12U);
  EXPECT_THAT(first->notices,
              ElementsAre(HasSubstr("data/secret_key"), HasSubstr("data/admin_password")));

  const auto second = station_secrets(config_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->secret_key, first->secret_key);
  EXPECT_EQ(second->admin_password, first->admin_password);
  EXPECT_TRUE(second->notices.empty());
}

TEST_F(SecretsTest, SaysWhereTheyAreButNotWhatTheyAre) {
  const auto secrets = station_secrets(config_);
  ASSERT_TRUE(secrets);
  for (const std::string& notice : secrets->notices) {
    EXPECT_THAT(notice, Not(HasSubstr(std::string{secrets->admin_password.reveal()})));
    EXPECT_THAT(notice, Not(HasSubstr(std::string{secrets->secret_key.reveal()})));
  }
}

TEST_F(SecretsTest, LetsNobodyElseReadThem) {
  ASSERT_TRUE(station_secrets(config_));
  using std::filesystem::perms;
  EXPECT_EQ(mode(folder_ / "data"), perms::owner_all);
  EXPECT_EQ(mode(folder_ / "data" / "secret_key"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(mode(folder_ / "data" / "admin_password"), perms::owner_read | perms::owner_write);
  const auto files = std::filesystem::directory_iterator{folder_ / "data"};
  EXPECT_EQ(std::distance(begin(files), end(files)), 2) << "no draft is left behind";
}

TEST_F(SecretsTest, TakesWhatIsConfigured) {
  config_.secret_key = Secret{std::string{good_key}};
  config_.admin.password = Secret{std::string{good_password}};
  const auto secrets = station_secrets(config_);
  ASSERT_TRUE(secrets);
  EXPECT_EQ(secrets->secret_key.reveal(), good_key);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data" / "secret_key"));
}

TEST_F(SecretsTest, RefusesWeakOnesWithTheCommandThatMakesGoodOnes) {
  config_.secret_key = Secret{"too short"};
  config_.admin.password = Secret{"elevenchars"};
  EXPECT_EQ(refusal(),
            "SECRET_KEY: SECRET_KEY has fewer than 32 bytes; make one with: echo "
            "\"SECRET_KEY=$(openssl rand -hex 32)\" >> .env\n"
            "ADMIN_PASSWORD: ADMIN_PASSWORD has fewer than 12 characters; make one with: echo "
            "\"ADMIN_PASSWORD=$(openssl rand -base64 18)\" >> .env\n");
}

TEST_F(SecretsTest, CountsTheCharactersOfAPassword) {
  config_.secret_key = Secret{std::string{good_key}};
  config_.admin.password = Secret{"密码密码密码"};
  EXPECT_THAT(refusal(), HasSubstr("fewer than 12 characters"));
  config_.admin.password = Secret{"一匹马一块电池一枚订书钉"};
  EXPECT_TRUE(station_secrets(config_));
}

TEST_F(SecretsTest, RefusesExamplesOfDocuments) {
  for (const char* example :
       {"change-me", "CHANGE-ME-in-production-please-really-do", "your-secret-key",
        "your-secret-key-here-of-32-bytes-or-more", "your_secret_key", "123456", "password"}) {
    EXPECT_TRUE(is_known_example(example)) << example;
    config_.secret_key = Secret{std::string{example}};
    EXPECT_THAT(refusal(), HasSubstr("an example that everybody knows")) << example;
  }
  EXPECT_FALSE(is_known_example(good_key));
  EXPECT_FALSE(is_known_example(good_password));
}

TEST_F(SecretsTest, RefusesAKeyThatRepeatsItself) {
  config_.secret_key = Secret{std::string(64, 'a')};
  EXPECT_THAT(refusal(), HasSubstr("easily guessed"));
}

TEST_F(SecretsTest, RefusesAnUpstreamKeyThatIsAnExample) {
  config_.upstreams.emplace_back().api_key = Secret{"sk-ant-your-api-key-here"};
  EXPECT_THAT(refusal(), HasSubstr("upstream.primary.api_key: is an example"));
}

TEST_F(SecretsTest, GeneratesNoneForASharedDatabase) {
  config_.database_url = Secret{"postgresql://relay@db/relay"};
  EXPECT_THAT(refusal(), HasSubstr("SECRET_KEY: is missing"));
  EXPECT_THAT(refusal(), HasSubstr("ADMIN_PASSWORD: is missing"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data" / "secret_key"));
}

TEST_F(SecretsTest, SaysWhyItCannotWrite) {
  config_.data_dir = "/proc/none";
  EXPECT_THAT(refusal(), HasSubstr("/proc/none"));
}

TEST_F(SecretsTest, RefusesADamagedFile) {
  ASSERT_TRUE(station_secrets(config_));
  write("data/secret_key", "");
  EXPECT_THAT(refusal(), HasSubstr("data/secret_key: SECRET_KEY has fewer than 32 bytes"));
}

TEST_F(SecretsTest, FindsTheKeyOfARelayThatWasStartedBefore) {
  EXPECT_FALSE(existing_secret_key(config_));
  const auto secrets = station_secrets(config_);
  ASSERT_TRUE(secrets);
  EXPECT_EQ(existing_secret_key(config_).value(), secrets->secret_key);
}

}  // namespace
}  // namespace relay::app
