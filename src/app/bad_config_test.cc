#include <gmock/gmock.h>

#include <vector>

#include "app/config_fixture.h"

namespace relay::app {
namespace {

using testing::HasSubstr;

struct BadFile {
  std::string_view text;
  std::string_view problems;  // All of them.
};

class BadConfig : public ConfigFixture, public testing::WithParamInterface<BadFile> {};

TEST_P(BadConfig, IsRefusedWithThePlaceOfEveryFault) {
  set("UPSTREAM_API_KEY", "sk-ant-0123456789");
  write("config.yaml", GetParam().text);
  EXPECT_EQ(problems(), GetParam().problems);
}

const std::vector<BadFile> bad_files = {
    // Names.
    {"lisen: x\n", "config.yaml:1:1: unknown key 'lisen'; did you mean 'listen'?\n"},
    {"a_word_like_no_other: 1\n", "config.yaml:1:1: unknown key 'a_word_like_no_other'\n"},
    {"upstream:\n  primary:\n    max_retry: 1\n",
     "config.yaml:3:5: unknown key 'max_retry' in upstream.primary; did you mean 'max_retries'?\n"},
    {"upstream: { primry: {} }\n",
     "config.yaml:1:13: unknown key 'primry' in upstream; did you mean 'primary'?\n"},
    {"upstreams:\n  - api_key: k\n    wieght: 2\n",
     "config.yaml:3:5: unknown key 'wieght' in upstreams[0]; did you mean 'weight'?\n"},
    {"rate_limit: { by_teir: {} }\n",
     "config.yaml:1:15: unknown key 'by_teir' in rate_limit; did you mean 'by_tier'?\n"},
    {"rate_limit: { by_tier: { a: { request: 1 } } }\n",
     "config.yaml:1:31: unknown key 'request' in rate_limit.by_tier.a; did you mean 'requests'?\n"
     "config.yaml:1:26: rate_limit.by_tier.a: requests is missing\n"},
    {"timeouts:\n  conect: 1\n",
     "config.yaml:2:3: unknown key 'conect' in timeouts; did you mean 'connect'?\n"},
    {"loops: 1\nloops: 2\n", "config.yaml:2:1: loops is there twice\n"},
    {"log: { level: info, level: debug }\n", "config.yaml:1:21: log.level is there twice\n"},
    {"<<: { loops: 1 }\n", "config.yaml:1:1: unknown key '<<'\n"},
    {"[a]: 1\n", "config.yaml:1:1: the file: expected a name\n"},

    // Shapes.
    {"- a\n", "config.yaml:1:1: the file: expected a mapping\n"},
    {"just text\n", "config.yaml:1:1: the file: expected a mapping\n"},
    {"timeouts: 5\n", "config.yaml:1:11: timeouts: expected a mapping\n"},
    {"upstream: [a]\n", "config.yaml:1:11: upstream: expected a mapping\n"},
    {"upstream: { primary: https://x }\n",
     "config.yaml:1:22: upstream.primary: expected a mapping\n"},
    {"upstreams: { name: x }\n", "config.yaml:1:12: upstreams: expected a list\n"},
    {"upstreams: [text]\n",
     "config.yaml:1:13: upstreams[0]: expected a mapping\n"
     "config.yaml:1:13: upstreams[0]: api_key is missing\n"},
    {"rate_limit: { by_tier: [a] }\n",
     "config.yaml:1:24: rate_limit.by_tier: expected a mapping from names to limits\n"},
    {"rate_limit: { by_tier: { a: 5 } }\n",
     "config.yaml:1:29: rate_limit.by_tier.a: expected a mapping\n"},
    {"loops: [1]\n", "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"loops: { a: 1 }\n", "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"loops:\n", "config.yaml:1:1: loops: expected a whole number from 0 to 64\n"},
    {"listen: [[a]]\n", "config.yaml:1:10: listen: expected a list: ADDRESS:PORT\n"},
    {"loops: 1\n---\nloops: 2\n", "config.yaml: expected one document, not several\n"},

    // Values.
    {"loops: many\n", "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"loops: 65\n", "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"loops: -1\n", "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"loops: 1.5\n", "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"loops: 99999999999999999999\n",
     "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"},
    {"listen: 127.0.0.1\n", "config.yaml:1:9: listen: expected ADDRESS:PORT\n"},
    {"listen: \"127.0.0.1:70000\"\n", "config.yaml:1:9: listen: expected ADDRESS:PORT\n"},
    {"listen: [\"127.0.0.1:1\", \"x\"]\n",
     "config.yaml:1:9: listen: value 2: expected ADDRESS:PORT\n"},
    {"listen: []\n", "config.yaml:1:9: listen: expected at least one ADDRESS:PORT\n"},
    {"trusted_proxies: [10.0.0.1/8]\n",
     "config.yaml:1:18: trusted_proxies: expected 10.0.0.0/8, the beginning of the "
     "range\n"},
    {"trusted_proxies: 10.0.0.0/33\n",
     "config.yaml:1:18: trusted_proxies: expected an address or ADDRESS/BITS\n"},
    {"trusted_proxies: example.com\n",
     "config.yaml:1:18: trusted_proxies: expected an address or ADDRESS/BITS\n"},
    {"on_abort: stop\n", "config.yaml:1:11: on_abort: expected cancel | drain\n"},
    {"forward: { paths: none }\n", "config.yaml:1:19: forward.paths: expected all | core\n"},
    {"forward: { organizations: maybe }\n",
     "config.yaml:1:27: forward.organizations: expected true or false\n"},
    {"upstream: { primary: { timeout: 1d } }\n",
     "config.yaml:1:33: upstream.primary.timeout: expected a duration (250ms, 30s, 5m, 1h) from 1s "
     "to 1h\n"},
    {"upstream: { primary: { timeout: 99999999999999999h } }\n",
     "config.yaml:1:33: upstream.primary.timeout: expected a duration (250ms, 30s, 5m, 1h) from 1s "
     "to 1h\n"},
    {"upstream: { primary: { max_retries: 10 } }\n",
     "config.yaml:1:37: upstream.primary.max_retries: expected a whole number from 0 to 9\n"},
    {"upstream: { primary: { url: api.anthropic.com } }\n",
     "config.yaml:1:29: upstream.primary.url: expected an http or https URL\n"},
    {"upstream: { primary: { url: \"ftp://x\" } }\n",
     "config.yaml:1:29: upstream.primary.url: expected an http or https URL\n"},
    {"upstream: { primary: { url: \"https://user:pass@x\" } }\n",
     "config.yaml:1:29: upstream.primary.url: expected an http or https URL\n"},
    {"upstream: { primary: { url: \"https://x/v1?a=b\" } }\n",
     "config.yaml:1:29: upstream.primary.url: expected an http or https URL\n"},
    {"upstream: { primary: { credential: cookie } }\n",
     "config.yaml:1:36: upstream.primary.credential: expected x-api-key | bearer | "
     "same-as-client\n"},
    {"upstream: { primary: { proxy: \"https://p\" } }\n",
     "config.yaml:1:31: upstream.primary.proxy: expected an http:// or socks5:// URL\n"},
    {"upstreams: [{ api_key: \"a b\" }]\n",
     "config.yaml:1:24: upstreams[0].api_key: expected printable ASCII without spaces\n"
     "config.yaml:1:13: upstreams[0]: api_key is missing\n"},
    {"upstreams: [{ api_key: \"a\\r\\nx-evil: 1\" }]\n",
     "config.yaml:1:24: upstreams[0].api_key: expected printable ASCII without spaces\n"
     "config.yaml:1:13: upstreams[0]: api_key is missing\n"},
    {"upstreams: [{ api_key: k, name: \"a b\" }]\n",
     "config.yaml:1:33: upstreams[0].name: expected letters, digits, - and _, at most 31\n"},
    {"limits: { request_body: 1TB }\n",
     "config.yaml:1:25: limits.request_body: expected a size (64KiB, 32MiB, 1GiB) from 1KiB to "
     "32MiB\n"},
    {"limits: { request_body: 64MiB }\n",
     "config.yaml:1:25: limits.request_body: expected a size (64KiB, 32MiB, 1GiB) from 1KiB to "
     "32MiB\n"},
    {"database_url: mysql://x/y\n",
     "config.yaml:1:15: database_url: expected sqlite:///PATH, or "
     "postgresql://USER:PASSWORD@HOST:PORT/DATABASE with a number as PORT and special characters "
     "percent-encoded (@ is %40, / is %2F, % is %25)\n"},
    {"public_url: \"https://x/path\"\n",
     "config.yaml:1:13: public_url: expected an http or https URL without a path\n"},
    {"data_dir: \"\"\n", "config.yaml:1:11: data_dir: expected a path\n"},
    {"log: { level: chatty }\n",
     "config.yaml:1:15: log.level: expected debug | info | warning | error\n"},
    {"rate_limit: { by_tier: { \"a b\": { requests: 1 } } }\n",
     "config.yaml:1:26: the name of a tier: expected letters, digits, - and _, at most 31\n"},
    {"rate_limit: { by_tier: { a: { requests: 0 } } }\n",
     "config.yaml:1:41: rate_limit.by_tier.a.requests: expected a whole number from 1 to "
     "1000000000\n"},
    {"rate_limit: { by_tier: { a: { period: 5 } } }\n",
     "config.yaml:1:26: rate_limit.by_tier.a: requests is missing\n"},

    // Variables.
    {"data_dir: \"${NONE_SUCH}\"\n",
     "config.yaml:1:11: data_dir: the variable NONE_SUCH is not set\n"},
    {"data_dir: \"${NONE SUCH}\"\n",
     "config.yaml:1:11: data_dir: '${NONE SUCH}' names no variable\n"},
    {"data_dir: \"${}\"\n", "config.yaml:1:11: data_dir: '${}' names no variable\n"},
    {"data_dir: \"${HOME\"\n", "config.yaml:1:11: data_dir: '${' without a '}'\n"},
    {"data_dir: \"${NONE_SUCH:-${HOME}}\"\n",
     "config.yaml:1:11: data_dir: '${NONE_SUCH:-...}': a default cannot hold another '${': set "
     "NONE_SUCH, or write the default out\n"},
    {"data_dir: \"${HO${ME}}\"\n", "config.yaml:1:11: data_dir: '${HO${ME}' names no variable\n"},

    // What no option can tell alone.
    {"listen: [\"127.0.0.1:1\", \"127.0.0.1:1\"]\n",
     "config.yaml:1:9: 127.0.0.1:1 is listened on twice\n"},
    {"listen: \"127.0.0.1:1\"\nadmin: { bind: \"127.0.0.1:1\" }\n",
     "config.yaml:2:16: 127.0.0.1:1 is listened on twice\n"},
    {"rate_limit: { default_tier: gold }\n",
     "config.yaml:1:29: rate_limit.default_tier: there is no tier 'gold'\n"},
    {"upstreams: [{ name: a, api_key: k }, { name: a, api_key: k }]\n",
     "config.yaml:1:38: two upstreams are called 'a'\n"},
    {"upstreams: [{ name: primary, api_key: k }]\n",
     "config.yaml:1:13: two upstreams are called 'primary'\n"},
    {"upstreams: [{ name: a }]\n", "config.yaml:1:13: upstreams[0]: api_key is missing\n"},
    {"upstream: { primary: { url: \"http://api.example.com\" } }\n",
     "config.yaml:1:29: upstream.primary.url: http:// would send the credential in the clear; use "
     "https://, or set upstream.primary.allow_plaintext: true\n"},
    {"timeouts: { ping_interval: 60s, stream_idle: 60s }\n",
     "config.yaml:1:28: timeouts.ping_interval: expected less than stream_idle\n"},
    {"timeouts: { stream_idle: 30m, stream_total: 10m }\n",
     "config.yaml:1:26: timeouts.stream_idle: expected at most stream_total\n"},
    {"limits: { request_body: 32MiB, request_bodies: 16MiB }\n",
     "config.yaml:1:25: limits.request_body: expected at most request_bodies\n"},
    {"limits: { exchanges: 100, connections: 10 }\n",
     "config.yaml:1:22: limits.exchanges: expected at most connections\n"},

    // Several at once.
    {"loops: x\nlisen: y\non_abort: z\n",
     "config.yaml:1:8: loops: expected a whole number from 0 to 64\n"
     "config.yaml:2:1: unknown key 'lisen'; did you mean 'listen'?\n"
     "config.yaml:3:11: on_abort: expected cancel | drain\n"},
};
INSTANTIATE_TEST_SUITE_P(Files, BadConfig, testing::ValuesIn(bad_files));

using BadInputs = ConfigFixture;

TEST_F(BadInputs, SayWhereYamlItselfIsBroken) {
  write("config.yaml", "a: [1\nb: 2\n");
  EXPECT_THAT(problems(), testing::StartsWith("config.yaml:2:"));
  write("config.yaml", "a: \"unfinished\n");
  EXPECT_THAT(problems(), testing::StartsWith("config.yaml:"));
  write("config.yaml", "\ta: b\n");
  EXPECT_THAT(problems(), testing::StartsWith("config.yaml:1:"));
  write("config.yaml", std::string(100'000, '['));
  EXPECT_THAT(problems(), testing::StartsWith("config.yaml:"));
}

TEST_F(BadInputs, SayThatAFileIsMissing) {
  inputs_.config_file = folder_ / "none.yaml";
  EXPECT_EQ(problems(), "none.yaml: cannot read none.yaml: No such file or directory\n");
}

TEST_F(BadInputs, SayThatAFileIsTooLarge) {
  write("config.yaml", std::string(2 << 20, '#'));
  EXPECT_THAT(problems(), HasSubstr("more than 1048576 bytes"));
}

TEST_F(BadInputs, SayWhichLineOfDotEnvIsWrong) {
  write(".env",
        "GOOD=1\nno equals\n1BAD=2\nQUOTE=\"x\nSINGLE='x\nAFTER='x' y\nREF=${NONE_SUCH}\n"
        "RELAY_LOPS=1\nRELAY_LOOPS=many\n");
  EXPECT_EQ(problems(),
            ".env:2:1: expected NAME=value\n"
            ".env:3:1: expected the name of a variable before '='\n"
            ".env:4:7: expected a closing \"\n"
            ".env:5:8: expected a closing '\n"
            ".env:6:11: expected the end of the line after the closing quote\n"
            ".env:7:5: the variable NONE_SUCH is not set\n"
            ".env:9:13: loops: expected a whole number from 0 to 64\n"
            ".env:8:12: unknown variable RELAY_LOPS; did you mean 'RELAY_LOOPS'?\n");
}

TEST_F(BadInputs, SayWhichVariableIsWrong) {
  set("RELAY_LOOPS", "many");
  set("UPSTREAM_API_KEY", "a b");
  EXPECT_EQ(problems(),
            "environment variable RELAY_LOOPS: loops: expected a whole number from 0 to 64\n"
            "environment variable UPSTREAM_API_KEY: upstream.primary.api_key: expected printable "
            "ASCII without spaces\n");
}

TEST_F(BadInputs, RefuseASecretThatIsGivenTwice) {
  set("SECRET_KEY", "x");
  set("SECRET_KEY_FILE", "/dev/null");
  EXPECT_EQ(problems(),
            "environment variable SECRET_KEY: both SECRET_KEY and SECRET_KEY_FILE are set\n");
}

TEST_F(BadInputs, SayThatASecretFileIsMissing) {
  set("SECRET_KEY_FILE", folder_ / "none");
  EXPECT_EQ(problems(),
            "environment variable SECRET_KEY_FILE: cannot read none: No such file or directory\n");
}

TEST_F(BadInputs, SayThatTheFileOfAReferenceIsMissing) {
  set("SECOND_KEY_FILE", folder_ / "none");
  write("config.yaml", "upstreams: [{ api_key: \"${SECOND_KEY}\" }]\n");
  EXPECT_THAT(problems(), HasSubstr("config.yaml:1:24: upstreams[0].api_key: SECOND_KEY_FILE: "
                                    "cannot read none: No such file or directory\n"));
}

TEST_F(BadInputs, SayWhichFlagIsWrong) {
  flag("--loops", "many");
  flag("--none-such", "1");
  EXPECT_EQ(problems(),
            "--loops: loops: expected a whole number from 0 to 64\n"
            "--none-such: no such option\n");
}

TEST_F(BadInputs, MissTheKeyOfAPrimaryThatIsMentioned) {
  write("config.yaml",
        "upstream: { primary: { url: \"https://x\" } }\nupstreams: [{ api_key: k }]\n");
  EXPECT_EQ(problems(), "config.yaml:1:29: upstream.primary: api_key is missing\n");
}

// Else `check` would be content with what `serve` cannot do.
TEST_F(BadInputs, AskForWhatThisVersionCannotDo) {
  set("REDIS_URL", "redis://127.0.0.1:16379/0");
  EXPECT_EQ(problems(),
            "environment variable REDIS_URL: redis_url: this version cannot share limits through "
            "Redis yet; take it out of the configuration\n");
}

// What libpq says of such a URL may quote it, or call the server away.
TEST_F(BadInputs, SayHowADatabaseUrlIsWritten) {
  for (const char* const url :
       {"postgresql://relay:100%hunter2@127.0.0.1:1/db",
        "postgres://relay:p@hunter2@127.0.0.1:1/db", "postgres://relay:hunter2@h:abc/d",
        "sqlite:///", "sqlite:///folder/"}) {
    set("DATABASE_URL", url);
    const std::string said = problems();
    EXPECT_THAT(said, testing::StartsWith("environment variable DATABASE_URL: database_url: "));
    EXPECT_THAT(said, HasSubstr("special characters percent-encoded")) << url;
    EXPECT_THAT(said, testing::Not(HasSubstr("hunter2")));
  }
}

// An error must not repeat what it could not read: it may be a secret in the wrong place.
TEST_F(BadInputs, RepeatNoSecret) {
  write("config.yaml", "secret_key: \"hunter2 hunter2\"\nredis_url: hunter2\n");
  EXPECT_THAT(problems(), testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace relay::app
