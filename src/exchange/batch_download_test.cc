#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using testing::HasSubstr;
using testing::IsEmpty;

std::string line(const std::string& custom_id, int output) {
  return R"({"custom_id":")" + custom_id +
         R"(","result":{"type":"succeeded","message":{"model":"claude-opus-5-5","content":[],)"
         R"("usage":{"input_tokens":25,"output_tokens":)" +
         std::to_string(output) + "}}}}\n";
}

struct BatchTest : ExchangeTest {
  const core::KeyId creator{3};
  const WallTime created = today - 2h;

  BatchTest() {
    ask(http::Method::get, "/v1/messages/batches/msgbatch_1/results");
    client.body.clear();
    batches.owners["msgbatch_1"] = {.key = creator, .since = created};
  }
  void ask(http::Method method, std::string_view path) {
    client.request_head.method = method;
    client.request_head.target = path;
    client.request_head.path_bytes = path.size();
  }
  ScriptedAnswer& upstream_answers(std::string_view type, std::initializer_list<Step> steps) {
    auto answer = std::make_unique<ScriptedAnswer>();
    answer->answer_head.fields.add("content-type", type);
    answer->steps = steps;
    answer->clock = &clock;
    ScriptedAnswer& scripted = *answer;
    transport.answers.emplace_back(std::move(answer));
    return scripted;
  }
  ScriptedAnswer& upstream_gives(std::initializer_list<Step> steps) {
    return upstream_answers("application/x-jsonl", steps);
  }
  // What was charged for results.
  std::vector<core::LedgerEntry> charged() {
    std::vector<core::LedgerEntry> results;
    for (const core::LedgerEntry& entry : ledger.closed) {
      if (core::is_batch_result(entry)) results.push_back(entry);
    }
    return results;
  }
};

TEST_F(BatchTest, ChargesEachResultToWhoCreatedTheBatchWhenTheyDid) {
  upstream_gives({line("a", 7), line("b", 9)});
  run();
  EXPECT_EQ(client.received, line("a", 7) + line("b", 9));
  ASSERT_EQ(charged().size(), 2u);
  const core::LedgerEntry first = charged()[0];
  EXPECT_EQ(first.attempt, core::attempt_of_result("msgbatch_1", "a"));
  EXPECT_EQ(first.key, creator);
  EXPECT_EQ(first.started, created);
  EXPECT_EQ(first.usage, (core::Usage{.input = 25, .output = 7}));
  EXPECT_EQ(first.served_model.view(), "claude-opus-5-5");
  EXPECT_EQ(first.delivery, Delivery::complete);
  EXPECT_EQ(ledger.open_count, 3);
  EXPECT_THAT(ledger.closed.back(), entry({}, Delivery::complete)) << "the download itself";
}

// The same whenever it is fetched, as the result that it belongs to.
TEST_F(BatchTest, ChargesTheAdvisorsOfAResultBesideIt) {
  std::string advised = line("a", 7);
  advised.insert(advised.find(R"("output_tokens")"),
                 R"("iterations":[{"type":"advisor_message","model":"m","output_tokens":60}],)");
  for (int i = 0; i < 2; ++i) upstream_gives({advised});
  run();
  ASSERT_EQ(ledger.closed.size(), 3u);
  const core::LedgerEntry first = ledger.closed[0];
  EXPECT_THAT(first, entry({.output = 60}, Delivery::complete));
  EXPECT_EQ(first.endpoint, core::Endpoint::advisor);
  EXPECT_EQ(first.terms.tier, core::ServiceTier::batch);
  EXPECT_EQ(first.model.view(), "m");
  EXPECT_EQ(first.key, creator);
  EXPECT_EQ(first.started, created);
  EXPECT_THAT(ledger.closed[1], entry({.input = 25, .output = 7}, Delivery::complete));
  EXPECT_NE(first.attempt, ledger.closed[1].attempt);

  client.has_begun = false;
  run();
  EXPECT_EQ(ledger.closed.at(3).attempt, first.attempt);
}

TEST_F(BatchTest, ChargesALineBeforeItsEndIsPassedOn) {
  const std::string whole = line("a", 7);
  upstream_gives({whole.substr(0, 40), whole.substr(40)});
  client.writes_until_gone = 1;
  run();
  EXPECT_EQ(charged().size(), 1u);
}

TEST_F(BatchTest, ChargesWhatWasSeenWhenTheClientLeaves) {
  upstream_gives({line("a", 7), line("b", 9), line("c", 11)});
  client.writes_until_gone = 1;
  run();
  EXPECT_EQ(charged().size(), 2u);
}

TEST_F(BatchTest, LeavesABatchThatNobodyCreatedHereToWhoFetchesItFirst) {
  batches.owners.clear();
  upstream_gives({line("a", 7)});
  run();
  ASSERT_EQ(charged().size(), 1u);
  EXPECT_EQ(charged()[0].key, core::KeyId{7});
  EXPECT_EQ(charged()[0].started, today);
}

TEST_F(BatchTest, GivesNoResultsWhileItCannotTellWhoseTheyAre) {
  batches.is_away = true;
  upstream_gives({line("a", 7)});
  run();
  EXPECT_EQ(client.answered.status, 503);
  EXPECT_THAT(client.received, testing::Not(HasSubstr("custom_id")));
  EXPECT_THAT(charged(), IsEmpty());
}

TEST_F(BatchTest, WaitsForRoomInTheLedger) {
  ledger.busy_asks = 3;
  upstream_gives({line("a", 7)});
  run();
  EXPECT_TRUE(client.is_finished);
  EXPECT_EQ(charged().size(), 1u);
}

TEST_F(BatchTest, GivesUpWhereThereIsNoRoomAndPassesNothingOnThatIsNotCharged) {
  upstream_gives({line("a", 7), line("b", 9)});
  ledger.busy_asks = 1'000'000;
  run();
  EXPECT_THAT(client.received, testing::Not(HasSubstr("custom_id")));
  EXPECT_EQ(client.answered.status, 503);
  EXPECT_THAT(charged(), IsEmpty());
}

TEST_F(BatchTest, PassesOnNothingThatItCannotRead) {
  upstream_gives({line("a", 7)}).answer_head.fields.add("content-encoding", "compress");
  run();
  EXPECT_EQ(client.answered.status, 502);
  EXPECT_THAT(charged(), IsEmpty());
}

TEST_F(BatchTest, AsksForAllOfTheResults) {
  client.request_head.fields.add("range", "bytes=100-");
  client.request_head.fields.add("accept-encoding", "gzip");
  upstream_gives({line("a", 7)});
  run();
  EXPECT_THAT(transport.heads[0], testing::Not(HasSubstr("range:")));
  EXPECT_THAT(transport.heads[0], HasSubstr("accept-encoding: identity"));
}

TEST_F(BatchTest, RemembersWhoCreatedABatch) {
  ask(http::Method::post, "/v1/messages/batches");
  upstream_answers("application/json", {R"({"id":"msgbatch_2","type":"message_batch"})"});
  run();
  EXPECT_TRUE(client.is_finished);
  EXPECT_EQ(batches.owners["msgbatch_2"],
            (core::BatchOwner{.key = core::KeyId{7}, .since = today}));
}

// It would be that of the answer to GET, which is rewritten and has another length than it came in.
TEST_F(BatchTest, SaysNoLengthOfAListOfWhichOnlyTheHeadIsWanted) {
  ask(http::Method::head, "/v1/messages/batches");
  upstream_answers("application/json", {}).answer_head.fields.add("content-length", "275");
  run();
  EXPECT_TRUE(client.is_finished);
  EXPECT_EQ(client.answered.length, std::nullopt);
}

TEST_F(BatchTest, AnswersThatABatchWasCreatedEvenIfThatCannotBeRemembered) {
  batches.is_away = true;
  ask(http::Method::post, "/v1/messages/batches");
  upstream_answers("application/json", {R"({"id":"msgbatch_2","type":"message_batch"})"});
  run();
  EXPECT_TRUE(client.is_finished);
  EXPECT_EQ(client.answered.status, 200);
}

}  // namespace
}  // namespace relay::exchange
