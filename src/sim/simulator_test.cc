#include "sim/simulator_fixture.h"

namespace relay::sim {
namespace {

using testing::Test;

std::vector<std::string> event_names(const std::string& stream) {
  std::vector<std::string> names;
  for (std::size_t at = stream.find("event: "); at != std::string::npos;) {
    names.push_back(stream.substr(at + 7, stream.find('\n', at) - at - 7));
    at = stream.find("\nevent: ", at);
    if (at != std::string::npos) ++at;
  }
  return names;
}

TEST_F(SimulatorTest, AnswersAMessageWithUsage) {
  const Reply reply = ask(message("input=100, output=7, cache_read=30, cache_5m=4, cache_1h=5"));
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(reply.json()["model"], "claude-sonnet-5");
  EXPECT_EQ(reply.json()["usage"]["cache_creation_input_tokens"], 9);
  EXPECT_EQ(reply.json()["usage"]["cache_creation"]["ephemeral_1h_input_tokens"], 5);
  EXPECT_NE(reply.field("request-id"), "");
  EXPECT_NE(reply.field("anthropic-ratelimit-tokens-reset"), "");

  const nlohmann::json sum = totals()["complete_usage"];
  EXPECT_EQ(sum["input"], 100);
  EXPECT_EQ(sum["output"], 7);
  EXPECT_EQ(sum["cache_read"], 30);
  EXPECT_EQ(sum["cache_write_1h"], 5);
}

TEST_F(SimulatorTest, StreamsEventsInTheOrderOfTheRealApi) {
  const Reply reply = ask(stream("deltas=2, output=9"));
  EXPECT_TRUE(reply.is_complete);
  EXPECT_EQ(event_names(reply.body),
            (std::vector<std::string>{"message_start", "content_block_start", "ping",
                                      "content_block_delta", "content_block_delta",
                                      "content_block_stop", "message_delta", "message_stop"}));
  EXPECT_EQ(last_entry()["usage"]["output"], 9);
  EXPECT_EQ(last_entry()["pieces_sent"], 8);
}

TEST_F(SimulatorTest, SaysTheSameInAStreamAsInAMessage) {
  const std::string whole = ask(message("deltas=30")).json()["content"][0]["text"];
  const std::string streamed = ask(stream("deltas=30")).body;
  std::string text;
  for (std::size_t at = streamed.find("data: {"); at != std::string::npos;
       at = streamed.find("\ndata: {", at + 1)) {
    const std::size_t begin = streamed.find('{', at);
    const auto data =
        nlohmann::json::parse(streamed.substr(begin, streamed.find('\n', begin) - begin));
    if (data["type"] == "content_block_delta") text += data["delta"]["text"];
  }
  EXPECT_EQ(text, whole);
}

TEST_F(SimulatorTest, RefusesAnyCredentialButTheRightOne) {
  const std::string body = message_body("");
  const std::string length = "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const std::string post = "POST /v1/messages HTTP/1.1\r\nhost: x\r\n";
  EXPECT_EQ(ask(post + length).head.status, 401);
  EXPECT_EQ(ask(post + "x-api-key: wrong\r\n" + length).head.status, 401);
  EXPECT_EQ(ask(post + "x-api-key: secret\r\nauthorization: Bearer wrong\r\n" + length).head.status,
            401);
  EXPECT_EQ(ask(post + "authorization: Bearer secret\r\n" + length).head.status, 200);
  EXPECT_EQ(totals()["unauthorized"], 3);
}

TEST_F(SimulatorTest, RefusesWhatLacksAMemberInTheWordsOfTheApi) {
  const Reply reply = ask(request("POST", "/v1/messages", R"({"model":"m","messages":[]})"));
  EXPECT_EQ(reply.head.status, 400);
  EXPECT_EQ(reply.json()["error"]["type"], "invalid_request_error");
  EXPECT_EQ(reply.json()["error"]["message"], "max_tokens: Field required");
  EXPECT_NE(reply.json()["request_id"], nullptr);
}

TEST_F(SimulatorTest, AsksForAToolUntilItHasItsResult) {
  const std::string tools =
      R"("tools":[{"name":"Bash","input_schema":{"type":"object","properties":)"
      R"({"command":{"type":"string"},"timeout":{"type":"integer"}},)"
      R"("required":["command","timeout"]}}],)";
  const nlohmann::json first = ask(message("tool=1, tool_arg=ls", tools)).json();
  EXPECT_EQ(first["stop_reason"], "tool_use");
  EXPECT_EQ(first["content"][1]["input"], (nlohmann::json{{"command", "ls"}, {"timeout", 1}}));

  const std::string result =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"[[sim: tool=1]]"},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}]})";
  EXPECT_EQ(ask(request("POST", "/v1/messages", result)).json()["stop_reason"], "end_turn");
}

TEST_F(SimulatorTest, FailsTheFirstAttemptsOfOneId) {
  const std::string asked = message("id=a, fail_times=2, status=503, retry_after=1, nonce=n1");
  const Reply failed = ask(asked);
  EXPECT_EQ(failed.head.status, 503);
  EXPECT_EQ(failed.field("retry-after"), "1");
  EXPECT_EQ(failed.field("x-sim-nonce"), "n1");
  EXPECT_EQ(ask(asked).head.status, 503);
  EXPECT_EQ(ask(asked).head.status, 200);
  EXPECT_EQ(last_entry(3)["attempt"], 3);
}

TEST_F(SimulatorTest, GivesTheCredentialAwayWhenTold) {
  const Reply reply = ask(message("status=500, leak=1, field=x-a: 1|x-b:2"));
  EXPECT_NE(reply.json()["error"]["message"].get<std::string>().find("secret"), std::string::npos);
  EXPECT_EQ(reply.field("x-leak"), "secret");
  EXPECT_EQ(reply.field("x-b"), "2");
}

TEST_F(SimulatorTest, NamesASettingItDoesNotKnow) {
  const Reply reply = ask(message("no_such_thing=1"));
  EXPECT_EQ(reply.head.status, 400);
  EXPECT_NE(reply.body.find("no_such_thing"), std::string::npos);
}

TEST_F(SimulatorTest, PagesThroughModels) {
  const nlohmann::json first = ask(request("GET", "/v1/models?limit=2")).json();
  EXPECT_EQ(first["data"].size(), 2);
  EXPECT_TRUE(first["has_more"]);
  const std::string last = first["last_id"];
  const nlohmann::json second =
      ask(request("GET", "/v1/models?limit=1000&after_id=" + last)).json();
  EXPECT_FALSE(second["has_more"]);
  EXPECT_EQ(ask(request("GET", "/v1/models/" + last)).json()["id"], last);
  EXPECT_EQ(ask(request("GET", "/v1/models/none")).head.status, 404);
}

TEST_F(SimulatorTest, RunsABatchAndLinksItsResults) {
  const std::string create =
      R"({"requests":[{"custom_id":"one","params":{"model":"m","max_tokens":5,)"
      R"("messages":[{"role":"user","content":"[[sim: input=50, output=5]]"}]}},)"
      R"({"custom_id":"errored-two","params":{}}]})";
  const std::string root = "/v1/messages/batches";
  const nlohmann::json batch = ask(request("POST", root, create)).json();
  EXPECT_EQ(batch["processing_status"], "in_progress");
  const std::string id = batch["id"];
  const std::string url = ask(request("GET", root + "/" + id)).json()["results_url"];
  const std::string origin = "http://127.0.0.1:" + std::to_string(simulator.port());
  ASSERT_EQ(url, origin + root + "/" + id + "/results");

  const Reply results = ask(request("GET", url.substr(origin.size())));
  EXPECT_EQ(results.field("content-type"), "application/x-jsonl");
  const std::size_t line = results.body.find('\n');
  const auto one = nlohmann::json::parse(results.body.substr(0, line));
  EXPECT_EQ(one["result"]["message"]["usage"]["service_tier"], "batch");
  EXPECT_NE(results.body.find(R"("errored")"), std::string::npos);
  EXPECT_EQ(totals()["batch_usage"]["input"], 50);
  EXPECT_EQ(totals()["usage"]["input"], 0);
}

TEST_F(SimulatorTest, TakesAFileCutAnywhere) {
  const std::string body =
      "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nx\r\n"
      "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n"
      "content-type: text/plain\r\n\r\nhello\r\n--not\r\n--b--\r\n";
  const std::string upload =
      request("POST", "/v1/files", body, "content-type: multipart/form-data; boundary=b\r\n");
  const std::size_t body_at = upload.size() - body.size();
  for (std::size_t cut = body_at; cut < upload.size(); cut += 3) {
    Client client = connect();
    client.send(std::string_view{upload}.substr(0, cut));
    std::this_thread::yield();
    client.send(std::string_view{upload}.substr(cut));
    const nlohmann::json file = client.receive().json();
    ASSERT_EQ(file["size_bytes"], 12) << file;
    const std::string id = file["id"];
    EXPECT_EQ(ask(request("GET", "/v1/files/" + id + "/content")).body, "hello\r\n--not");
  }
}

TEST_F(SimulatorTest, AnswersAChatWithItsUsageInTheLastChunk) {
  const std::string body =
      R"({"model":"m","stream":true,"stream_options":{"include_usage":true},)"
      R"("messages":[{"role":"user","content":"[[sim: input=11, output=3]]"}]})";
  const Reply reply = ask(request("POST", "/v1/chat/completions", body));
  EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
  EXPECT_NE(reply.body.find(R"("total_tokens":14)"), std::string::npos);
  EXPECT_EQ(last_entry()["usage"]["input"], 11);
}

TEST_F(SimulatorTest, LogsTheRequestButNoCredential) {
  const Reply reply = ask(request("GET", "/v1/none/%2F?a=1&a=", {}, "X-Odd:  v \r\n"));
  EXPECT_EQ(reply.head.status, 404);
  const nlohmann::json entry = last_entry();
  EXPECT_EQ(entry["target"], "/v1/none/%2F?a=1&a=");
  EXPECT_EQ(entry["headers"][1], (nlohmann::json{"x-api-key", "ok"}));
  EXPECT_EQ(entry["headers"][2], (nlohmann::json{"X-Odd", "v"}));
  EXPECT_EQ(entry["ended"], "complete");
}

TEST_F(SimulatorTest, KeepsAConnectionForManyRequests) {
  Client client = connect();
  client.send(message("nonce=a") + request("HEAD", "/") + message("nonce=b"));
  EXPECT_EQ(client.receive().field("x-sim-nonce"), "a");
  EXPECT_EQ(client.receive(true).head.status, 404);
  EXPECT_EQ(client.receive().field("x-sim-nonce"), "b");
  EXPECT_EQ(last_entry(3)["connection"], 1);
}

}  // namespace
}  // namespace relay::sim
