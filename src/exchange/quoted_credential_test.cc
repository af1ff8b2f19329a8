// Errors of an upstream that quote what it was sent, our credential among it.
#include <gmock/gmock.h>

#include "claude/coded_fixture.h"
#include "exchange/exchange_fixture.h"

namespace relay::exchange {
namespace {

using core::Delivery;
using testing::HasSubstr;

const std::string quoting = R"({"error":"no such key: sk-ant-one"})";
const std::string harmless = R"({"error":"no such model"})";

struct QuotedCredentialTest : ExchangeTest {
  void upstream_refuses_in(std::string_view coding, std::string body) {
    auto answer = std::make_unique<ScriptedAnswer>();
    answer->answer_head.status = 403;
    answer->answer_head.fields.add("content-encoding", coding);
    const std::size_t half = body.size() / 2;
    answer->steps = {body.substr(0, half), body.substr(half)};
    answer->clock = &clock;
    transport.answers.emplace_back(std::move(answer));
    client.has_begun = false;
    client.received.clear();
    run();
  }
};

TEST_F(QuotedCredentialTest, IsMaskedWhereItCanBeRead) {
  upstream_refuses_in("identity", quoting);
  EXPECT_EQ(client.answered.status, 403);
  EXPECT_EQ(client.received, R"({"error":"no such key: **********"})");
}

TEST_F(QuotedCredentialTest, IsNotPassedOnWhereItIsCompressed) {
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"}) {
    upstream_refuses_in(coding, claude::coded(coding, quoting));
    EXPECT_EQ(client.answered.status, 502) << coding;
    EXPECT_THAT(client.received, HasSubstr("api_error")) << coding;
    EXPECT_THAT(ledger.closed.back(), entry({}, Delivery::refused)) << coding;
  }
}

TEST_F(QuotedCredentialTest, IsAssumedWhereNobodyCanTell) {
  upstream_refuses_in("compress", harmless);
  EXPECT_EQ(client.answered.status, 502);
  const std::string whole = claude::gzipped(harmless);
  upstream_refuses_in("gzip", whole.substr(0, whole.size() - 9));
  EXPECT_EQ(client.answered.status, 502);
}

TEST_F(QuotedCredentialTest, LetsOtherCompressedErrorsPassAsTheyCame) {
  for (const auto* coding : {"gzip", "deflate", "br", "zstd"}) {
    upstream_refuses_in(coding, claude::coded(coding, harmless));
    EXPECT_EQ(client.answered.status, 403) << coding;
    EXPECT_EQ(client.received, claude::coded(coding, harmless)) << coding;
    EXPECT_THAT(client.answered.fields, HasSubstr("content-encoding: ")) << coding;
  }
}

TEST_F(QuotedCredentialTest, CannotBeWhereThereIsNone) {
  settings.upstreams[0].api_key.clear();
  upstream_refuses_in("gzip", claude::gzipped(harmless));
  EXPECT_EQ(client.answered.status, 403);
}

TEST_F(QuotedCredentialTest, LetsAnErrorWithoutABodyPass) {
  client.request_head.method = http::Method::head;
  upstream_refuses_in("gzip", "");
  EXPECT_EQ(client.answered.status, 403);
}

}  // namespace
}  // namespace relay::exchange
