#include "app/load_config.h"

#include <gmock/gmock.h>

#include "app/config_fixture.h"
#include "app/dump_config.h"
#include "app/options.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using LoadConfig = ConfigFixture;

constexpr std::string_view example = R"(upstream:
  primary: { url: "https://api.anthropic.com/v1", api_key: "${UPSTREAM_API_KEY}", timeout: 60, max_retries: 3 }
rate_limit:
  by_tier:
    basic: { requests: 100, period: 60 }
    premium: { requests: 1000, period: 60 }
)";

TEST_F(LoadConfig, TakesTheExampleOfTheReadme) {
  set("UPSTREAM_API_KEY", "sk-ant-0123456789");
  write("config.yaml", example);
  const Config config = loaded().config;
  ASSERT_EQ(config.upstreams.size(), 1U);
  const UpstreamConfig& primary = config.upstreams.front();
  EXPECT_EQ(primary.name, "primary");
  EXPECT_EQ(primary.url.to_string(), "https://api.anthropic.com/v1");
  EXPECT_EQ(primary.api_key.reveal(), "sk-ant-0123456789");
  EXPECT_EQ(primary.timeout, 60s);
  EXPECT_EQ(primary.max_retries, 3);
  EXPECT_EQ(config.rate_limit.by_tier.at("premium"), (TierConfig{1000, 60s}));
}

TEST_F(LoadConfig, NeedsNothing) {
  const LoadedConfig result = loaded();
  EXPECT_THAT(result.config.upstreams, IsEmpty());
  EXPECT_EQ(to_string(result.config.listen.at(0)), "127.0.0.1:8000");
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("UPSTREAM_API_KEY")));
  EXPECT_EQ(result.config.rate_limit.by_tier.size(), 2U);
}

TEST_F(LoadConfig, LetsTheLaterSourceWin) {
  const auto level = [this] { return loaded().sources["log.level"]; };
  EXPECT_EQ(level(), "");
  write("config.yaml", "log: { level: debug }\n");
  EXPECT_THAT(level(), HasSubstr("config.yaml:1:15"));
  write(".env", "# comment\nRELAY_LOG_LEVEL=info\n");
  EXPECT_THAT(level(), HasSubstr(".env:2:17"));
  set("RELAY_LOG_LEVEL", "warning");
  EXPECT_EQ(level(), "environment variable RELAY_LOG_LEVEL");
  flag("--log-level", "error");
  EXPECT_EQ(level(), "--log-level");
  EXPECT_EQ(loaded().config.log.level, LogLevel::error);
}

TEST_F(LoadConfig, TakesTheVariablesOfTheReadme) {
  set("UPSTREAM_API_KEY", "sk-ant-env");
  set("ADMIN_PASSWORD", "correct horse battery");
  set("SECRET_KEY", "0123456789abcdef0123456789abcdef");
  set("DATABASE_URL", "postgresql://relay:secret@127.0.0.1:15432/relay");
  const Config config = loaded().config;
  EXPECT_EQ(config.upstreams.at(0).api_key.reveal(), "sk-ant-env");
  EXPECT_EQ(config.admin.password.reveal(), "correct horse battery");
  EXPECT_EQ(config.secret_key.size(), 32U);
  EXPECT_THAT(std::string{config.database_url.reveal()}, HasSubstr("15432"));
}

TEST_F(LoadConfig, TakesEveryOptionFromTheEnvironment) {
  set("RELAY_LISTEN", "127.0.0.1:1, [::1]:2");
  set("RELAY_UPSTREAM_PRIMARY_URL", "http://localhost:9/v1/");
  set("RELAY_TIMEOUTS_STREAM_IDLE", "400s");
  set("RELAY_LIMITS_REQUEST_BODY", "1MiB");
  const LoadedConfig result = loaded();
  EXPECT_EQ(result.config.listen.size(), 2U);
  EXPECT_EQ(result.config.timeouts.stream_idle, 400s);
  EXPECT_EQ(result.config.limits.request_body, 1U << 20);
  EXPECT_EQ(result.sources.at("upstream.primary.url"),
            "environment variable RELAY_UPSTREAM_PRIMARY_URL");
}

TEST_F(LoadConfig, CountsAnEmptyVariableAsUnset) {
  set("REDIS_URL", "");
  set("RELAY_LOOPS", "");
  EXPECT_EQ(loaded().config.loops, 0);
}

TEST_F(LoadConfig, ReadsASecretFromTheFileThatAVariableNames) {
  write("key", "sk-ant-from-file\n");
  set("UPSTREAM_API_KEY_FILE", folder_ / "key");
  const LoadedConfig result = loaded();
  EXPECT_EQ(result.config.upstreams.at(0).api_key.reveal(), "sk-ant-from-file");
  EXPECT_THAT(result.sources.at("upstream.primary.api_key"), HasSubstr("UPSTREAM_API_KEY_FILE"));
}

TEST_F(LoadConfig, PutsSecretsFromFilesIntoTheConfigurationFile) {
  write("first", "sk-ant-first\n");
  write("second", "sk-ant-second\r\n");
  write("password", "hunter2");
  set("UPSTREAM_API_KEY_FILE", folder_ / "first");
  set("SECOND_KEY_FILE", folder_ / "second");
  set("SECOND_KEY", "");
  write(".env", "WORD_FILE=" + (folder_ / "password").string() +
                    "\nDATABASE_URL=" + "postgresql://relay:${WORD}@db/relay\n");
  write("config.yaml",
        "upstream: { primary: { api_key: \"${UPSTREAM_API_KEY}\" } }\n"
        "upstreams: [{ name: second, api_key: \"${SECOND_KEY:-none}\" }]\n");
  const Config config = loaded().config;
  EXPECT_EQ(config.upstreams.at(0).api_key.reveal(), "sk-ant-first");
  EXPECT_EQ(config.upstreams.at(1).api_key.reveal(), "sk-ant-second");
  EXPECT_EQ(config.database_url.reveal(), "postgresql://relay:hunter2@db/relay");
}

TEST_F(LoadConfig, TakesFlags) {
  flag("--listen", "0.0.0.0:9000");
  flag("--upstream", "http://127.0.0.1:9999");
  flag("--data", "/srv/relay");
  flag("--loops", "3");
  set("UPSTREAM_API_KEY", "sk-ant-0123456789");
  const Config config = loaded().config;
  EXPECT_EQ(to_string(config.listen.at(0)), "0.0.0.0:9000");
  EXPECT_EQ(config.upstreams.at(0).url.authority(), "127.0.0.1:9999");
  EXPECT_EQ(config.data_dir, "/srv/relay");
  EXPECT_EQ(config.loops, 3);
}

TEST_F(LoadConfig, TakesSeveralUpstreams) {
  set("UPSTREAM_API_KEY", "sk-ant-0123456789");
  write("config.yaml", R"(
upstreams:
  - { name: second, url: "https://eu.example.com/relay/v1", api_key: "k-2", priority: 1, weight: 5 }
  - url: "https://proxy.example.com"
    api_key: k-3
    credential: same-as-client
    proxy: "socks5://user:pass@10.0.0.1:1080"
    ca_file: /etc/ssl/own.pem
    cooldown: 2m
)");
  const Config config = loaded().config;
  ASSERT_EQ(config.upstreams.size(), 3U);
  EXPECT_EQ(config.upstreams[1].name, "second");
  EXPECT_EQ(config.upstreams[1].weight, 5);
  EXPECT_EQ(config.upstreams[2].name, "upstream-2");
  EXPECT_EQ(config.upstreams[2].credential, exchange::CredentialScheme::same_as_client);
  EXPECT_EQ(config.upstreams[2].cooldown, 2min);
}

TEST_F(LoadConfig, NeedsNoPrimaryBesideOthers) {
  write("config.yaml", "upstreams: [{ name: only, api_key: k-1 }]\n");
  const Config config = loaded().config;
  ASSERT_EQ(config.upstreams.size(), 1U);
  EXPECT_EQ(config.upstreams[0].name, "only");
  EXPECT_EQ(config.upstreams[0].url.host, "api.anthropic.com");
}

TEST_F(LoadConfig, TakesSectionsThatAreCommentedOut) {
  write("config.yaml", "upstream:\n  primary:\nupstreams:\nrate_limit:\n  by_tier:\n# end\n");
  EXPECT_EQ(loaded().config.rate_limit.by_tier.size(), 2U);
  write("config.yaml", "# nothing\n");
  EXPECT_EQ(loaded().config.loops, 0);
}

TEST_F(LoadConfig, WarnsOfFilesThatOthersCanRead) {
  write(".env", "UPSTREAM_API_KEY=sk-ant-0123456789\n", 0644);
  write("config.yaml", "loops: 1\n", 0640);
  EXPECT_THAT(loaded().warnings, ElementsAre(HasSubstr("chmod 640")));
}

TEST_F(LoadConfig, WarnsOfVariablesThatLookLikeOurs) {
  set("UPSTREAM_API_KEY", "sk-ant-0123456789");
  set("RELAY_PORT", "tcp://10.0.0.1:8000");
  set("RELAY_LISTN", "x");
  EXPECT_THAT(loaded().warnings, ElementsAre(HasSubstr("RELAY_LISTN; did you mean 'RELAY_LISTEN'?"),
                                             HasSubstr("RELAY_PORT")));
}

TEST_F(LoadConfig, PutsStateWhereSystemdSays) {
  set("STATE_DIRECTORY", "/var/lib/relay-station");
  EXPECT_EQ(loaded().config.data_dir, "/var/lib/relay-station");
}

TEST_F(LoadConfig, GivesDefaultsForUnsetVariables) {
  write("config.yaml", R"(listen: "${RELAY_HOST:-127.0.0.1}:${NONE_SUCH:-8123}")");
  EXPECT_EQ(to_string(loaded().config.listen.at(0)), "127.0.0.1:8123");
}

TEST_F(LoadConfig, TakesVariablesOfTheFileFromDotEnvToo) {
  write(".env", "PORT=8124\nALSO=${PORT}\n");
  write("config.yaml", R"(listen: "127.0.0.1:${ALSO}")");
  EXPECT_EQ(to_string(loaded().config.listen.at(0)), "127.0.0.1:8124");
}

TEST_F(LoadConfig, ShowsNoSecretInItsDump) {
  set("UPSTREAM_API_KEY", "sk-ant-0123456789");
  set("DATABASE_URL", "postgres://relay:hunter2hunter2@db/relay");
  write("config.yaml", "upstreams: [{ api_key: k-second, proxy: \"http://u:hunter2@p:1\" }]\n");
  const std::string dump = dump_config(loaded());
  EXPECT_THAT(dump, HasSubstr("[secret]"));
  for (const char* secret : {"sk-ant", "hunter2", "k-second"}) {
    EXPECT_THAT(dump, Not(HasSubstr(secret)));
  }
}

TEST_F(LoadConfig, ReadsItsOwnDump) {
  write("config.yaml", R"(
listen: ["127.0.0.1:81", "[::1]:82"]
trusted_proxies: [10.0.0.0/8, "::1"]
on_abort: drain
data_dir: "a ${LITERAL:-b} c # d"
rate_limit: { by_tier: { a: { requests: 5, period: 90 }, b: { requests: 1, period: 2h } } }
timeouts: { connect: 1500ms }
limits: { request_body: 3000000 }
)");
  const LoadedConfig first = loaded();
  const std::string dump = dump_config(first);
  write("config.yaml", dump);
  const LoadedConfig second = loaded();
  EXPECT_EQ(second.config.data_dir, "a b c # d");
  const auto without_sources = [](const std::string& text) {
    std::string kept;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
      kept += line.substr(0, line.find("  # ")) + "\n";
    return kept;
  };
  EXPECT_EQ(without_sources(dump_config(second)), without_sources(dump));
}

TEST(OptionsTable, NamesEveryOptionOnce) {
  const std::string table = options_table();
  for (const auto& option : config_options()) {
    const std::string row = "| `" + option.path + "` |";
    EXPECT_NE(table.find(row), std::string::npos) << option.path;
    EXPECT_EQ(table.find(row), table.rfind(row)) << option.path;
  }
  EXPECT_THAT(table, HasSubstr("| `upstream.primary.api_key` | `UPSTREAM_API_KEY` |"));
  EXPECT_THAT(table, HasSubstr("cancel \\| drain"));
}

// A default that its own option would refuse could not be written down.
TEST(Options, AcceptTheirOwnDefaults) {
  const Config defaults;
  for (const auto& option : config_options()) {
    Config config;
    EXPECT_TRUE(option.set(config, option.show(defaults))) << option.path;
  }
}

}  // namespace
}  // namespace relay::app
