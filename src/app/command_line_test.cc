#include "app/command_line.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/config_fixture.h"
#include "app/local_client.h"
#include "sim/simulator.h"
#include "store/sqlite.h"
#include "store/sqlite_store.h"
#include "store/store_fixture.h"

namespace relay::app {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string contents(std::FILE* file) {
  std::rewind(file);
  std::string text(1 << 20, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words{text};
  return {std::istream_iterator<std::string>{words}, {}};
}

class CommandLineTest : public ConfigFixture {
 protected:
  CommandLineTest() {
    set("UPSTREAM_API_KEY", "sk-ant-0123456789");
    set("RELAY_DATA_DIR", folder_ / "data");
  }

  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "relay-station");
    std::FILE* out = std::tmpfile();
    std::FILE* err = std::tmpfile();
    std::FILE* in = std::tmpfile();
    std::fputs(given_.c_str(), in);
    std::rewind(in);
    const int code = run_command_line(arguments, inputs_, {out, err, in});
    std::fclose(in);
    out_ = contents(out);
    err_ = contents(err);
    std::fclose(out);
    std::fclose(err);
    return code;
  }

  std::string given_;  // What is typed.
  std::string out_;
  std::string err_;
};

TEST_F(CommandLineTest, SaysItsVersion) {
  EXPECT_EQ(run({"version"}), exit_ok);
  EXPECT_THAT(out_, StartsWith("relay-station "));
  EXPECT_EQ(run({"version", "--json"}), exit_ok);
  EXPECT_TRUE(json::parse(out_).contains("commit"));
  EXPECT_EQ(run({"--version"}), exit_ok);
}

TEST_F(CommandLineTest, FailsWhereItsOutputIsNotTaken) {
  for (const char* const command : {"version", "check --options"}) {  // Less than a buffer, more.
    std::vector<std::string> arguments = words_of(command);
    arguments.insert(arguments.begin(), "relay-station");
    std::FILE* const full = std::fopen("/dev/full", "w");
    std::FILE* const err = std::tmpfile();
    EXPECT_EQ(run_command_line(arguments, inputs_, {full, err}), exit_failure);
    EXPECT_THAT(contents(err), HasSubstr("cannot write"));
    std::fclose(full);
    std::fclose(err);
  }
}

TEST_F(CommandLineTest, ExplainsItself) {
  EXPECT_EQ(run({"--help"}), exit_ok);
  for (const char* command : {"serve", "simulate", "key", "usage", "tier", "price", "admin",
                              "check", "healthcheck", "version", "migrate"}) {
    EXPECT_THAT(out_, HasSubstr(command));
  }
  EXPECT_EQ(run({"serve", "--help"}), exit_ok);
  for (const char* flag : {"--config", "--listen", "--upstream", "--data", "--loops"}) {
    EXPECT_THAT(out_, HasSubstr(flag));
  }
}

TEST_F(CommandLineTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(run({}), exit_usage);
  EXPECT_EQ(run({"sevre"}), exit_usage);
  EXPECT_EQ(run({"check", "--none-such"}), exit_usage);
  EXPECT_EQ(run({"key"}), exit_usage);
  EXPECT_EQ(run({"key", "create"}), exit_usage);
  EXPECT_EQ(run({"simulate", "--listen", "x"}), exit_usage);
  EXPECT_FALSE(err_.empty());
}

TEST_F(CommandLineTest, SaysWhichCommandIsNone) {
  EXPECT_EQ(run({"sevre"}), exit_usage);
  EXPECT_EQ(err_,
            "there is no command 'sevre'; did you mean 'serve'?\n"
            "Run with --help for more information.\n");
  EXPECT_EQ(run({"key", "shwo", "alice"}), exit_usage);
  EXPECT_THAT(err_, HasSubstr("there is no command 'key shwo'; did you mean 'show'?\n"));
  EXPECT_EQ(run({"key", "--none-such"}), exit_usage);
  EXPECT_THAT(err_, HasSubstr("A subcommand is required"));
}

TEST_F(CommandLineTest, ChecksTheConfiguration) {
  EXPECT_EQ(run({"check"}), exit_ok) << err_;
  write("config.yaml", "lisen: x\n");
  EXPECT_EQ(run({"check", "-t"}), exit_bad_config);
  EXPECT_THAT(err_, HasSubstr("config.yaml:1:1: unknown key 'lisen'"));
  EXPECT_EQ(run({"serve"}), exit_bad_config);
  EXPECT_THAT(err_, HasSubstr("config.yaml:1:1: unknown key 'lisen'"));
}

TEST_F(CommandLineTest, ChecksTheCertificatesToTrust) {
  set("RELAY_UPSTREAM_PRIMARY_CA_FILE", folder_ / "none.pem");
  EXPECT_EQ(run({"check"}), exit_bad_config);
  EXPECT_THAT(err_, HasSubstr("ca_file of primary: TLS: "));
  EXPECT_THAT(err_, EndsWith("none.pem: No such file or directory\n"));
}

TEST_F(CommandLineTest, ChecksTheSecretsAndLeavesNoTrace) {
  set("SECRET_KEY", "change-me");
  EXPECT_EQ(run({"check"}), exit_bad_config);
  EXPECT_THAT(err_, HasSubstr("openssl rand -hex 32"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data"));
}

TEST_F(CommandLineTest, DumpsTheConfigurationWithItsSources) {
  EXPECT_EQ(run({"check", "--dump", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2"}),
            exit_ok);
  EXPECT_THAT(out_, HasSubstr("listen: [\"127.0.0.1:1\", \"127.0.0.1:2\"]"));
  EXPECT_THAT(out_, HasSubstr("# --listen"));
  EXPECT_THAT(out_, HasSubstr("# environment variable UPSTREAM_API_KEY"));
}

TEST_F(CommandLineTest, ListsAllOptions) {
  EXPECT_EQ(run({"check", "--options"}), exit_ok);
  EXPECT_THAT(out_, HasSubstr("`upstreams[].proxy`"));
}

TEST_F(CommandLineTest, ManagesKeysWhileNoRelayRuns) {
  ASSERT_EQ(run({"key", "create", "--name", "alice", "--token-limit", "1000", "--json"}), exit_ok)
      << err_;
  const json created = json::parse(out_);
  EXPECT_THAT(created["api_key"].get<std::string>(), StartsWith("sk-proxy-"));

  ASSERT_EQ(run({"key", "create", "--name", "bob"}), exit_ok);
  EXPECT_THAT(out_, StartsWith("sk-proxy-"));
  EXPECT_EQ(out_.size(), 58U) << "the key alone, so that a script can take it";

  ASSERT_EQ(run({"key", "disable", "alice"}), exit_ok) << err_;
  ASSERT_EQ(run({"key", "delete", "bob"}), exit_ok) << err_;
  ASSERT_EQ(run({"key", "list", "--json"}), exit_ok);
  const json keys = json::parse(out_);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0]["name"], "alice");
  EXPECT_EQ(keys[0]["is_active"], false);
  EXPECT_EQ(keys[0]["token_limit"], 1000);

  ASSERT_EQ(run({"key", "enable", created["id"]}), exit_ok);
  ASSERT_EQ(run({"key", "list"}), exit_ok);
  EXPECT_THAT(out_, HasSubstr("alice"));
  EXPECT_THAT(out_, HasSubstr("active"));
}

TEST_F(CommandLineTest, SaysEveryTermOfAKey) {
  ASSERT_EQ(run({"key", "create", "--name", "alice", "--tag", "a", "--tag", "b", "--usd-limit-day",
                 "0.000000001", "--tier", "basic", "--model", "claude-haiku-*", "--ip",
                 "10.0.0.0/8", "--hold", "strict", "--json"}),
            exit_ok)
      << err_;
  const json created = json::parse(out_);
  EXPECT_EQ(created["tags"], json({"a", "b"}));
  EXPECT_EQ(created["usd_limit_day"], 1e-9);
  EXPECT_EQ(created["rate_limit_tier"], "basic");
  EXPECT_EQ(created["hold"], "strict");

  ASSERT_EQ(run({"key", "update", "alice", "--usd-limit-day", "none", "--owner", "team", "--json"}),
            exit_ok)
      << err_;
  EXPECT_TRUE(json::parse(out_)["usd_limit_day"].is_null());
  ASSERT_EQ(run({"key", "show", "alice"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("team"));
  EXPECT_THAT(out_, testing::Not(HasSubstr("usd_limit_day")));
  EXPECT_EQ(run({"key", "update", "alice", "--concurrency", "many"}), exit_usage);
  EXPECT_EQ(run({"key", "update", "alice", "--tier", "gold"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("basic, premium"));
  EXPECT_EQ(run({"key", "update", "alice", "--tier", ""}), exit_failure);
  EXPECT_EQ(run({"key", "list", "--tier", ""}), exit_failure);
}

TEST_F(CommandLineTest, RotatesAKeyAndShowsItOnce) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  const std::string first = out_;
  ASSERT_EQ(run({"key", "rotate", "alice", "--grace-seconds", "0"}), exit_ok) << err_;
  EXPECT_THAT(out_, StartsWith("sk-proxy-"));
  EXPECT_NE(out_, first);
}

TEST_F(CommandLineTest, CreatesSeveralKeysAtOnce) {
  ASSERT_EQ(run({"key", "create", "--name", "dev", "--count", "3"}), exit_ok) << err_;
  EXPECT_EQ(out_.size(), 3 * 58U);
  ASSERT_EQ(run({"key", "list", "--search", "dev-2", "--json"}), exit_ok) << err_;
  EXPECT_EQ(json::parse(out_).size(), 1U);
}

TEST_F(CommandLineTest, ManagesTiers) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  ASSERT_EQ(run({"tier", "set", "gold", "--requests", "10"}), exit_ok) << err_;
  ASSERT_EQ(run({"tier", "list", "--json"}), exit_ok) << err_;
  EXPECT_EQ(json::parse(out_).size(), 3U);
  ASSERT_EQ(run({"tier", "list"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("gold"));
  ASSERT_EQ(run({"tier", "delete", "gold"}), exit_ok) << err_;
  EXPECT_EQ(run({"tier", "delete", "gold"}), exit_failure);
  for (const char* const name : {"basic?", "basic?x=1", "basic#x", "a/b", "a b", ""}) {
    EXPECT_EQ(run({"tier", "delete", name}), exit_failure) << name;
    EXPECT_THAT(err_, HasSubstr("The name of a tier has letters, digits"));
  }
  EXPECT_EQ(run({"tier", "set", ""}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("The name of a tier has letters, digits"));
  ASSERT_EQ(run({"tier", "list"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("basic"));
}

TEST_F(CommandLineTest, ManagesPrices) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  ASSERT_EQ(run({"price", "list", "--json"}), exit_ok) << err_;
  const std::size_t before = json::parse(out_)["data"].size();
  EXPECT_GT(before, 10U);
  const std::string set =
      "price set house-1 --output 2 --cache-write-5m 1.25 --cache-write-1h 2 --cache-read 1e-1 "
      "--long-prompt-above 200000 --long-prompt-input 2 --long-prompt-output 3 "
      "--long-prompt-cache-write-5m 4 --long-prompt-cache-write-1h 5 --long-prompt-cache-read 6 "
      "--fast 2 --us 1.1 --batch 0.5 --web-search 10 --source https://a.b/ --json --input ";
  ASSERT_EQ(run(words_of(set + "0.000000001")), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("\"input\":0.000000001,"));
  const json row = json::parse(out_)["data"][0];
  EXPECT_EQ(row["long_prompt"]["cache_read"], 6);
  EXPECT_EQ(row["origin"], "stored");

  ASSERT_EQ(run({"price", "list", "--all", "--json"}), exit_ok) << err_;
  const json rows = json::parse(out_)["data"];
  EXPECT_GT(rows.size(), before);
  EXPECT_NE(std::ranges::find(rows, row), rows.end());
  ASSERT_EQ(run({"price", "list"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("house-1"));
  EXPECT_THAT(out_, HasSubstr("above 200000: 2/3, fast x2, us x1.1, batch x0.5, search 10"));

  EXPECT_EQ(run(words_of(set + "cheap")), exit_usage);
  EXPECT_THAT(err_, HasSubstr("--input: expected dollars"));
  EXPECT_EQ(run({"price", "set", "house-1", "--input", "1"}), exit_usage);
}

TEST_F(CommandLineTest, ChecksPricesAndChargesByThem) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  EXPECT_EQ(run({"price", "check", "--days", "36500"}), exit_ok) << out_;
  EXPECT_EQ(out_, "");
  EXPECT_EQ(run({"price", "check", "--days", "0", "--json"}), exit_failure);
  EXPECT_GT(json::parse(out_)["stale"].size(), 10U);
  ASSERT_EQ(run({"price", "reprice", "--from", "2026-01-01", "--json"}), exit_ok) << err_;
  EXPECT_EQ(json::parse(out_)["corrected"], 0);
  ASSERT_EQ(run({"price", "reprice", "--from", "2026-01-01", "--dry-run"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("would cost"));
  EXPECT_EQ(run({"price", "reprice"}), exit_usage);
  EXPECT_EQ(run({"price", "reprice", "--from", "yesterday"}), exit_failure);
  EXPECT_EQ(run({"price", "reprice", "--from", "2026-01-01", "--to", ""}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("to must be a time"));
  EXPECT_EQ(run({"price", "reprice", "--from", "2026-01-01", "--to", "2025-01-01"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("from must be before to"));
}

TEST_F(CommandLineTest, ShowsAndExportsWhatWasUsed) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  ASSERT_EQ(run({"usage", "summary", "--by", "model"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("total"));
  ASSERT_EQ(run({"usage", "summary", "--json", "--key", "alice"}), exit_ok) << err_;
  EXPECT_EQ(json::parse(out_)["totals"]["requests"], 0);
  ASSERT_EQ(run({"usage", "export"}), exit_ok) << err_;
  EXPECT_THAT(out_, StartsWith("started_at,request_id,"));
  ASSERT_EQ(run({"usage", "export", "--by", "key", "--jsonl"}), exit_ok) << err_;
  EXPECT_EQ(out_, "");
  ASSERT_EQ(run({"usage", "export", "--by", "key,tier", "--bucket", "day"}), exit_ok) << err_;
  EXPECT_THAT(out_, StartsWith("start,key_name,key_id,tier,requests,"));
  EXPECT_EQ(run({"usage", "summary", "--by", "colour"}), exit_failure);
  EXPECT_EQ(run({"usage", "summary", "--from", ""}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("from must be a time"));
  EXPECT_EQ(run({"usage", "export", "--outcome", "lost"}), exit_failure);
  EXPECT_EQ(out_, "") << "a head would look like an export of nothing";
}

// What is kept for an hour costs more than what is kept for five minutes.
TEST_F(CommandLineTest, ExportsCacheWritesByTheirTime) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  {
    const SystemClock clock;
    const auto store = store::SqliteStore::open(folder_ / "data/relay.db", clock).value();
    const core::KeyId key = store->all_keys().value().at(0).id;
    core::LedgerEntry used = store::entry(1, key, {.cache_write_5m = 30, .cache_write_1h = 12});
    used.started = clock.wall();
    ASSERT_TRUE(store->append({&used, 1}, {}));
  }
  ASSERT_EQ(run({"usage", "export", "--by", "key"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("unpriced,ephemeral_5m_input_tokens,ephemeral_1h_input_tokens\r\n"));
  EXPECT_THAT(out_, HasSubstr(",0,0,42,0,0,"));
  EXPECT_THAT(out_, EndsWith(",30,12\r\n"));
  ASSERT_EQ(run({"usage", "export"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("client,ephemeral_5m_input_tokens,ephemeral_1h_input_tokens\r\n"));
  EXPECT_THAT(out_, EndsWith(",30,12\r\n"));
}

// Members choose what models are called, and operators open exports in a spreadsheet.
TEST_F(CommandLineTest, ExportsTextThatNoSpreadsheetTakesForAFormula) {
  ASSERT_EQ(run({"key", "create", "--name", "-1+2"}), exit_ok) << err_;
  {
    const SystemClock clock;
    const auto store = store::SqliteStore::open(folder_ / "data/relay.db", clock).value();
    const core::KeyId key = store->all_keys().value().at(0).id;
    std::uint8_t number = 0;
    for (const std::string_view model :
         {"=HYPERLINK(\"x\")", "+1", "@x", "\t=1", "\r=1", "a\x1b[2J\u202e,\\\"b", "a=1"}) {
      core::LedgerEntry used = store::entry(++number, key, {.input = 1});
      used.started = clock.wall();
      used.served_model = model;
      used.cost = -5;
      ASSERT_TRUE(store->append({&used, 1}, {}));
    }
  }
  ASSERT_EQ(run({"usage", "export", "--by", "model"}), exit_ok) << err_;
  for (const char* const cell :
       {"\n\"'=HYPERLINK(\"\"x\"\")\",1,", "\n'+1,1,", "\n'@x,1,", "\n'\\t=1,1,", "\n'\\r=1,1,",
        "\n\"a\\u001b[2J\\u202e,\\\"\"b\",1,", "\na=1,1,"}) {
    EXPECT_THAT(out_, HasSubstr(cell));
  }
  EXPECT_THAT(out_, HasSubstr(",-0.000000005,")) << "a number is one";
  ASSERT_EQ(run({"usage", "export"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr(",'-1+2,"));
  EXPECT_THAT(out_, HasSubstr(",\"'=HYPERLINK(\"\"x\"\")\","));
}

TEST_F(CommandLineTest, SetsThePasswordOfTheAdministrator) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  given_ = "staple battery horse\n";
  EXPECT_EQ(run({"admin", "passwd"}), exit_ok) << err_;
  given_ = "short\n";
  EXPECT_EQ(run({"admin", "passwd"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("12 characters"));
  given_ = "p\xe4sswort mit Umlaut\n";  // Latin-1. Another password would be set than was typed.
  EXPECT_EQ(run({"admin", "passwd"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("UTF-8"));
  given_ = "p\u00e4sswort mit Umlaut\n";
  EXPECT_EQ(run({"admin", "passwd"}), exit_ok) << err_;
}

TEST_F(CommandLineTest, ShowsAndChangesTheSchema) {
  EXPECT_EQ(run({"migrate", "status"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("`relay-station migrate up` makes it"));
  ASSERT_EQ(run({"migrate", "up", "--json"}), exit_ok) << err_;
  const json up = json::parse(out_);
  EXPECT_EQ(up["from"], 0);
  EXPECT_TRUE(up["copy"].is_null());

  ASSERT_EQ(run({"migrate", "status", "--json"}), exit_ok) << err_;
  const json status = json::parse(out_);
  EXPECT_EQ(status["version"], up["to"]);
  EXPECT_EQ(status["ok"], true);
  EXPECT_EQ(status["steps"][0]["state"], "applied");

  ASSERT_EQ(run({"migrate", "down", "1", "--yes", "--json"}), exit_ok) << err_;
  const json down = json::parse(out_);
  EXPECT_EQ(down["to"], 1);
  EXPECT_TRUE(std::filesystem::exists(down["copy"].get<std::string>()));
  EXPECT_EQ(run({"fsck"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("`relay-station migrate up` brings it there"));
  ASSERT_EQ(run({"migrate", "up"}), exit_ok) << err_;
  EXPECT_THAT(out_, HasSubstr("copy of schema 1: "));
  EXPECT_EQ(run({"fsck"}), exit_ok) << err_;
}

TEST_F(CommandLineTest, TakesTheSchemaDownOnlyWhenToldTwice) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  EXPECT_EQ(run({"migrate", "down", "0"}), exit_usage);
  EXPECT_THAT(err_, HasSubstr("would undo 0001 keys_and_ledger\n"));
  EXPECT_THAT(err_, HasSubstr("say --yes"));
  EXPECT_EQ(run({"migrate", "down"}), exit_usage);
  for (const char* const none : {"-1", "x", "1.5", "99999999999999999999"}) {
    EXPECT_EQ(run({"migrate", "down", none, "--yes"}), exit_usage);
    EXPECT_THAT(err_, HasSubstr("the number of a step, as `relay-station migrate status` shows"));
  }
  EXPECT_EQ(run({"migrate", "down", "99", "--yes"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("no way leads down to 99"));
  EXPECT_EQ(run({"migrate", "down", "99"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("no way leads down to 99"));
  ASSERT_EQ(run({"key", "list", "--json"}), exit_ok) << err_;
  EXPECT_EQ(json::parse(out_).size(), 1U);
}

TEST_F(CommandLineTest, SaysThatTheSchemaIsNotOurs) {
  ASSERT_EQ(run({"key", "create", "--name", "alice"}), exit_ok) << err_;
  auto database = store::SqliteConnection::open(folder_ / "data" / "relay.db",
                                                store::SqlConnection::Access::read_write)
                      .value();
  ASSERT_TRUE(database.execute("UPDATE schema_migrations SET checksum = 7 WHERE version = 1"));
  EXPECT_EQ(run({"key", "list", "--listen", "127.0.0.1:1"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("`relay-station migrate status`"));
  EXPECT_EQ(run({"migrate", "status"}), exit_failure);
  EXPECT_THAT(out_, HasSubstr("edited"));
  EXPECT_THAT(err_, HasSubstr("does not start on this schema"));
}

TEST_F(CommandLineTest, WritesANewMigrationWhereTheSourceLies) {
  const std::string into = folder_ / "migrations";
  EXPECT_EQ(run({"migrate", "new", "colours", "--into", into}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("there is no directory " + into));
  std::filesystem::create_directories(folder_ / "migrations" / "sqlite");
  std::filesystem::create_directories(folder_ / "migrations" / "postgres");
  ASSERT_EQ(run({"migrate", "new", "colours", "--into", into, "--json"}), exit_ok) << err_;
  EXPECT_EQ(json::parse(out_)["files"].size(), 4U);
  EXPECT_EQ(run({"migrate", "new", "Colours!", "--into", into}), exit_failure);
}

TEST_F(CommandLineTest, PrintsTheLinesForAClient) {
  set("RELAY_PUBLIC_URL", "https://relay.example.com");
  ASSERT_EQ(run({"key", "create", "--name", "me", "--print-env"}), exit_ok) << err_;
  EXPECT_THAT(out_, StartsWith("export ANTHROPIC_BASE_URL='https://relay.example.com'\n"
                               "export ANTHROPIC_AUTH_TOKEN='sk-proxy-"));
}

TEST_F(CommandLineTest, KnowsWhenThereIsNoSuchKey) {
  EXPECT_EQ(run({"key", "list"}), exit_bad_config) << "no relay was ever here";
  ASSERT_EQ(run({"key", "create", "--name", "twin"}), exit_ok);
  EXPECT_EQ(run({"key", "disable", "nobody"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("there is no key 'nobody'"));
  ASSERT_EQ(run({"key", "create", "--name", "twin"}), exit_ok);
  EXPECT_EQ(run({"key", "disable", "twin"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("more than one key"));
  EXPECT_EQ(run({"key", "show", std::string(100'000, 'x')}), exit_failure);
  EXPECT_EQ(err_, "no key has so long a name: give its id, its name or its prefix\n");
  EXPECT_EQ(run({"key", "list", "--search", std::string(100'000, 'x')}), exit_failure);
  EXPECT_EQ(err_, "search must be a text of at most 2000 characters.\n");
}

TEST_F(CommandLineTest, SaysThatNoRelayAnswers) {
  EXPECT_EQ(run({"healthcheck", "--listen", "127.0.0.1:1"}), exit_failure);
  EXPECT_THAT(err_, HasSubstr("no relay answers at 127.0.0.1:1"));
}

TEST(LocalClient, AsksAndGivesTheAnswer) {
  const sim::BackgroundSimulator simulator;
  const net::Endpoint there = net::Endpoint::loopback(simulator.port());
  const auto totals = ask_local({.to = there, .target = "/__sim/totals"});
  ASSERT_TRUE(totals) << totals.error().detail;
  EXPECT_EQ(totals->status, 200);
  EXPECT_TRUE(json::accept(totals->body));
  const auto refused = ask_local({.to = there,
                                  .method = http::Method::post,
                                  .target = "/v1/messages",
                                  .bearer = "wrong",
                                  .body = "{}"});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401);
}

TEST(LocalClient, ReachesAListenerThatTakesAllAddresses) {
  const auto parsed = [](const char* text) { return net::parse_endpoint(text).value(); };
  EXPECT_EQ(reachable(parsed("0.0.0.0:8000")), parsed("127.0.0.1:8000"));
  EXPECT_EQ(reachable(parsed("[::]:8000")), parsed("127.0.0.1:8000"));
  EXPECT_EQ(reachable(parsed("10.1.2.3:8000")), parsed("10.1.2.3:8000"));
}

}  // namespace
}  // namespace relay::app
