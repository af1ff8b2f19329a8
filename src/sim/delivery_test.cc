#include "sim/bad_framing.h"
#include "sim/coding.h"
#include "sim/simulator_fixture.h"

// How answers travel, and how they break.
namespace relay::sim {
namespace {

using DeliveryTest = SimulatorTest;

TEST_F(DeliveryTest, CutsAnAnswerAtAnyByte) {
  const std::string whole = ask(message("close=1, deltas=3")).raw;
  ASSERT_GT(whole.size(), 500);
  for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
    Client client = connect();
    client.send(message("close=1, deltas=3, cut_at=" + std::to_string(cut)));
    const Reply reply = client.receive_to_the_end();
    EXPECT_EQ(reply.raw.size(), cut);
    EXPECT_FALSE(reply.was_reset);
  }
  EXPECT_EQ(last_entry()["ended"], "cut");
}

TEST_F(DeliveryTest, ResetsWhereItIsToldTo) {
  Client client = connect();
  client.send(stream("cut_events=4, cut=rst"));
  const Reply reply = client.receive();
  EXPECT_TRUE(reply.was_reset);
  EXPECT_FALSE(reply.is_complete);
  const nlohmann::json entry = last_entry();
  EXPECT_EQ(entry["pieces_sent"], 4);
  EXPECT_EQ(entry["ended"], "cut");
  EXPECT_EQ(entry["usage"]["output"], 1);  // message_start has said so, nothing else has.
}

TEST_F(DeliveryTest, CutsBetweenTheLastEventAndTheLastChunk) {
  const Reply reply = ask(stream("deltas=1, cut_events=7"));
  EXPECT_NE(reply.body.find("message_stop"), std::string::npos);
  EXPECT_FALSE(reply.is_complete);
  EXPECT_EQ(last_entry()["pieces_sent"], 7);
}

TEST_F(DeliveryTest, StallsUntilTheClientLeaves) {
  {
    Client client = connect();
    client.send(stream("stall_events=3, stall=forever"));
    while (totals()["in_flight"] == 0) std::this_thread::yield();
  }
  const nlohmann::json entry = last_entry();
  EXPECT_EQ(entry["ended"], "client_closed");
  EXPECT_EQ(totals()["in_flight"], 0);
}

TEST_F(DeliveryTest, SaysTheSameInFragmentsOfAnySize) {
  const std::string fixed = "nonce=same, input=9, ";
  const std::string plain = ask(stream(fixed)).body;
  for (const std::string how :
       {"fragment=1, compact=0", "fragment=random, seed=7", "chunk=3", "chunk=5, chunk_ext=a=b",
        "trailers=2", "framing=close", "framing=length", "http=1.0", "coalesce=4", "head_apart=1",
        "interim=3", "interim=2, interim_status=100", "close=1", "first_delay=3, delay=1"}) {
    const Reply reply = ask(stream(fixed + how));
    EXPECT_TRUE(reply.is_complete) << how;
    EXPECT_EQ(reply.body, plain) << how;
  }
}

TEST_F(DeliveryTest, CodesAStreamSoThatItCanBeDecoded) {
  const std::string fixed = "nonce=same, input=9, ";
  const std::string plain = ask(stream(fixed)).body;
  for (const std::string coding : {"gzip", "deflate", "br", "zstd"}) {
    const Reply reply = ask(stream(fixed + "encoding=" + coding));
    EXPECT_EQ(reply.field("content-encoding"), coding);
    const std::optional<std::string> decoded = decode(coding, reply.body, 1 << 20);
    ASSERT_TRUE(decoded.has_value()) << coding;
    EXPECT_EQ(*decoded, plain) << coding;
  }
  const std::string offered = request("POST", "/v1/messages", message_body("encoding=offered"),
                                      "accept-encoding: gzip;q=0, br\r\n");
  EXPECT_EQ(ask(offered).field("content-encoding"), "br");
}

TEST_F(DeliveryTest, ReadsACodedRequest) {
  const std::string body = make_encoder("gzip")->encode(message_body("nonce=zipped"), true);
  const Reply reply = ask(request("POST", "/v1/messages", body, "content-encoding: gzip\r\n"));
  EXPECT_EQ(reply.field("x-sim-nonce"), "zipped");
}

// Whether the answer is one that a strict reader refuses, or visibly cut, or followed by bytes that
// nobody asked for.
bool is_broken(const Reply& reply, std::size_t answer_bytes) {
  return !reply.is_wellformed || !reply.is_complete || reply.raw.size() > answer_bytes;
}

TEST_F(DeliveryTest, BreaksHttpInEveryWayOfTheCatalogue) {
  for (const BadFraming& bad : bad_framings()) {
    if (bad.name == "body_on_head") continue;
    const std::string asked = message("close=1, bad=" + std::string{bad.name});
    const Reply parsed = ask(asked);
    Client client = connect();
    client.send(asked);
    const Reply all = client.receive_to_the_end();
    const std::size_t head = all.raw.find("\r\n\r\n") + 4;
    EXPECT_TRUE(is_broken(parsed, head + parsed.body.size()) ||
                all.raw.size() > head + parsed.body.size())
        << bad.name << "\n"
        << all.raw.substr(0, 300);
  }
}

TEST_F(DeliveryTest, AnswersBeforeTheBodyHasCome) {
  Client client = connect();
  const std::string asked =
      request("POST", "/v1/messages?sim=early%3D1,status%3D529", message_body(""));
  client.send(std::string_view{asked}.substr(0, asked.size() - 10));
  EXPECT_EQ(client.receive().head.status, 529);
  client.send(std::string_view{asked}.substr(asked.size() - 10));
  client.send(message("nonce=next"));
  EXPECT_EQ(client.receive().field("x-sim-nonce"), "next");
}

TEST_F(DeliveryTest, SpeaksUnaskedOnAnIdleConnection) {
  Client client = connect();
  client.send(message("unsolicited=answer, unsolicited_after=1"));
  EXPECT_EQ(client.receive().head.status, 200);
  EXPECT_EQ(client.receive().body, "not for you");
}

TEST_F(DeliveryTest, ClosesAnIdleConnectionWithoutAWord) {
  Client client = connect();
  client.send(message("idle_close=1"));
  const Reply reply = client.receive();
  EXPECT_TRUE(reply.is_complete);
  EXPECT_NE(reply.field("connection"), "close");
  EXPECT_EQ(client.receive_to_the_end().raw, "");
}

TEST_F(DeliveryTest, EndsAStreamWithAnErrorEvent) {
  const Reply reply = ask(stream("error_event=0"));
  EXPECT_EQ(reply.head.status, 200);
  EXPECT_TRUE(reply.body.starts_with("event: error\n"));
  EXPECT_NE(reply.body.find("overloaded_error"), std::string::npos);
  EXPECT_EQ(last_entry()["usage"], nullptr);
}

TEST_F(DeliveryTest, WritesOddEventStreams) {
  EXPECT_EQ(ask(stream("sse=cr")).body.find('\n'), std::string::npos);
  EXPECT_TRUE(ask(stream("sse=bom"))
                  .body.starts_with("\xef\xbb\xbf"
                                    "event"));
  EXPECT_FALSE(ask(stream("sse=no_final_blank")).body.ends_with("\n\n"));
  EXPECT_TRUE(ask(stream("sse=delta_before_start")).body.starts_with("event: message_delta"));
  EXPECT_EQ(ask(stream("sse=no_stop")).body.find("message_stop"), std::string::npos);
  EXPECT_GT(ask(stream("huge_line=200000")).body.size(), 200'000);
}

TEST_F(DeliveryTest, ReportsUsageThatIsNoNumber) {
  for (const std::string_view value : {"negative", "string", "huge", "float", "exp", "object"}) {
    const Reply reply = ask(message("output=" + std::string{value}));
    EXPECT_NE(reply.body.find(R"("output_tokens":)"), std::string::npos);
  }
  EXPECT_TRUE(last_entry(6)["usage"]["is_absurd"]);
  EXPECT_EQ(ask(message("output=missing")).body.find(R"("output_tokens":)"), std::string::npos);
  EXPECT_EQ(ask(message("usage=missing")).body.find("usage"), std::string::npos);
}

TEST_F(DeliveryTest, RepeatsUsageCumulativelyInSeveralDeltas) {
  const std::string body = ask(stream("output=90, message_deltas=3, delta_input=null")).body;
  for (const std::string_view count : {"30", "60", "90"}) {
    EXPECT_NE(body.find(R"("output_tokens":)" + std::string{count}), std::string::npos);
  }
  EXPECT_EQ(last_entry()["usage"]["output"], 90);
}

TEST_F(DeliveryTest, ServesManyStreamsAtOnce) {
  static constexpr std::size_t streams = 200;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < streams; ++i) {
    clients.push_back(connect());
    clients.back().send(stream("deltas=20, delay=2, output=5, nonce=n" + std::to_string(i)));
  }
  for (std::size_t i = 0; i < streams; ++i) {
    const Reply reply = clients[i].receive();
    EXPECT_TRUE(reply.is_complete);
    EXPECT_EQ(reply.field("x-sim-nonce"), "n" + std::to_string(i));
  }
  EXPECT_EQ(totals()["complete_usage"]["output"], streams * 5);
}

}  // namespace
}  // namespace relay::sim
