#include "exchange/admit.h"

#include <gmock/gmock.h>

#include "base/rfc3339.h"
#include "claude/coded_fixture.h"
#include "claude/request_peek.h"
#include "exchange/exchange_fixture.h"
#include "exchange/settle.h"

namespace relay::exchange {
namespace {

using core::Window;
using testing::AllOf;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

struct AdmitTest : testing::Test, ExchangeWorld {
  Request asking(std::string_view path, std::string body,
                 http::Method method = http::Method::post) {
    client.body = std::move(body);
    Request request{.call = claude::api_call(method, path), .body = client.body};
    if (request.call.is_peeked) request.peek = claude::peek(client.body).value();
    return request;
  }
  Request message(std::string_view model = "claude-opus-5-5", int max_tokens = 64) {
    return asking("/v1/messages", R"({"model":")" + std::string{model} + R"(","max_tokens":)" +
                                      std::to_string(max_tokens) +
                                      R"(,"messages":[{"role":"user","content":"Hello"}]})");
  }
  Result<core::Reservation> ask(const Request& request) {
    auto principal = authenticate(keys, pepper, client.head(), clock.wall());
    if (!principal) return std::unexpected(principal.error());
    return admit(context, *principal, request, client, core::new_request_id(WallTime{}));
  }
  Error refusal(const Request& request) {
    const auto asked = ask(request);
    return asked
               ? Error{.code = ErrorCode::internal, .origin = Origin::relay, .message = "admitted"}
               : asked.error();
  }
  // An exchange that used so much is over.
  void spend(core::TokenCount tokens, core::NanoUsd cost = 0) {
    allowance.charge(calendar.at(clock.wall()), tokens, cost);
  }
  static auto is(ErrorCode code, std::string_view reason) {
    return AllOf(Field(&Error::code, code), Field(&Error::reason, reason));
  }
};

TEST_F(AdmitTest, LetsAKeyDoEverythingOfWhichOnlyTheNameIsKnown) {
  for (const Request& request :
       {message(), asking("/v1/messages/count_tokens", R"({"model":"claude-opus-5-5"})"),
        asking("/v1/complete", "{}"), asking("/v1/models/x", "", http::Method::get)}) {
    const auto asked = ask(request);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->grant().input_estimate(), 0) << "nobody needs an estimate";
  }
}

TEST_F(AdmitTest, RefusesAKeyThatIsDisabledOrHasExpired) {
  know_key([](KeyEntry& entry) { entry.is_active = false; });
  EXPECT_THAT(refusal(message()), is(ErrorCode::unauthenticated, "disabled"));

  know_key([&](KeyEntry& entry) { entry.terms.expires_at = clock.wall(); });
  EXPECT_THAT(refusal(message()), is(ErrorCode::unauthenticated, "expired"));
  EXPECT_THAT(refusal(message()).message, HasSubstr("2026-11-25T12:00:00.000Z"));
}

TEST_F(AdmitTest, LetsAKeyExpireDaysAfterItsFirstUse) {
  know_key([](KeyEntry& entry) { entry.terms.days_from_first_use = 2; });
  clock.advance(24h * 365);
  EXPECT_TRUE(ask(message())) << "it was never used";
  clock.advance(48h - 1s);
  EXPECT_TRUE(ask(message()));
  clock.advance(1s);
  EXPECT_THAT(refusal(message()), is(ErrorCode::unauthenticated, "expired"));
}

TEST_F(AdmitTest, RefusesAddressesThatAreNotAmongTheKeys) {
  know_key([](KeyEntry& entry) {
    entry.terms.addresses = {{parse_address("10.0.0.0").value(), 104}};
  });
  EXPECT_THAT(refusal(message()), is(ErrorCode::forbidden, "ip"));
  EXPECT_THAT(refusal(message()).message, HasSubstr("192.0.2.1"));
  client.address = parse_address("10.1.2.3").value();
  EXPECT_TRUE(ask(message()));
  client.address = {};
  EXPECT_THAT(refusal(message()), is(ErrorCode::forbidden, "ip")) << "an unknown address is none";
}

TEST_F(AdmitTest, RefusesPagesThatAreNotAmongTheKeys) {
  know_key([](KeyEntry& entry) { entry.terms.domains = {"app.test", "*.example.com"}; });
  EXPECT_THAT(refusal(message()), is(ErrorCode::forbidden, "domain"));
  EXPECT_THAT(refusal(message()).message, HasSubstr("*.example.com"));
  client.request_head.fields.add("Origin", "https://www.example.com");
  EXPECT_TRUE(ask(message()));
}

TEST_F(AdmitTest, RefusesModelsThatAreNotAmongTheKeys) {
  know_key([](KeyEntry& entry) { entry.terms.models = {"claude-haiku-*", "claude-sonnet-5"}; });
  EXPECT_TRUE(ask(message("claude-haiku-4-5")));
  EXPECT_TRUE(ask(message("claude-sonnet-5")));
  EXPECT_THAT(refusal(message("claude-opus-5-5")), is(ErrorCode::forbidden, "model"));
  EXPECT_THAT(refusal(message("claude-opus-5-5")).message,
              AllOf(HasSubstr("claude-opus-5-5"), HasSubstr("claude-haiku-*")));
  for (const std::string_view path : {"/v1/messages/count_tokens", "/v1/chat/completions"}) {
    EXPECT_TRUE(ask(asking(path, R"({"model":"claude-haiku-4-5"})")));
    EXPECT_THAT(refusal(asking(path, R"({"model":"claude-opus-5-5"})")),
                is(ErrorCode::forbidden, "model"));
    EXPECT_THAT(refusal(asking(path, "{}")), is(ErrorCode::forbidden, "model"));
  }
  EXPECT_TRUE(ask(asking("/v1/models/claude-opus-5-5", "", http::Method::get)));
  EXPECT_TRUE(ask(asking("/v1/files", "", http::Method::post)));
  for (const std::string_view path : {"/v1/messages/batches", "/v1/complete", "/v1/sessions"}) {
    EXPECT_THAT(refusal(asking(path, "{}")), is(ErrorCode::forbidden, "model")) << path;
  }
  EXPECT_TRUE(ask(asking("/v1/messages/batches/b/cancel", "")));
}

TEST_F(AdmitTest, RefusesAdvisorsThatAreNotAmongTheKeysModels) {
  const auto advised = [this](const std::string& advisor) {
    return asking("/v1/messages",
                  R"({"model":"claude-haiku-4-5","tools":[{"type":"advisor_20260301","name":)"
                  R"("advisor")" +
                      advisor + "}]}");
  };
  EXPECT_TRUE(ask(advised(R"(,"model":"claude-opus-5-5")"))) << "a key without a list may";
  know_key([](KeyEntry& entry) { entry.terms.models = {"claude-haiku-*", "claude-sonnet-5"}; });
  EXPECT_TRUE(ask(advised(R"(,"model":"claude-sonnet-5")")));
  EXPECT_THAT(refusal(advised("")), is(ErrorCode::forbidden, "model"));
  for (const std::string other :
       {R"(,"model":"claude-opus-5-5")", R"(,"m\u006fdel":"claude-opus-5-5")"}) {
    EXPECT_THAT(refusal(advised(other)), is(ErrorCode::forbidden, "model"));
    EXPECT_THAT(refusal(advised(other)).message, HasSubstr("claude-opus-5-5 as an advisor"));
  }
}

TEST_F(AdmitTest, FindsAdvisorsInABodyThatIsCompressed) {
  know_key([](KeyEntry& entry) { entry.terms.models = {"claude-haiku-*"}; });
  Request request = message("claude-haiku-4-5");
  const auto send = [&](std::string_view advisor) {
    client.body = claude::gzipped(R"({"tools":[{"type":"advisor_1","model":")" +
                                  std::string{advisor} + R"("}]})");
    request.body = client.body;
    return refusal(request);
  };
  client.request_head.fields.add("content-encoding", "gzip");
  EXPECT_EQ(send("claude-haiku-5").message, "admitted");
  EXPECT_THAT(send("claude-opus-5-5"), is(ErrorCode::forbidden, "model"));
}

TEST_F(AdmitTest, SaysWhatIsLeftOfALimitOfTokensAndWhenItBeginsAnew) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::day] = 10'000; });
  spend(9'990);
  const Error error = refusal(message());
  EXPECT_THAT(error, is(ErrorCode::limit_exhausted, "quota"));
  EXPECT_THAT(error.message, AllOf(HasSubstr("10000 tokens a day"), HasSubstr("9990 tokens"),
                                   HasSubstr("2026-11-26T00:00:00.000Z")));
  EXPECT_EQ(error.retry_after, 0s);
  clock.advance(12h);
  EXPECT_TRUE(ask(message()));
}

TEST_F(AdmitTest, SaysWhenTheLastFiveHoursHaveRoomAgain) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::five_hours] = 10'000; });
  spend(9'990);
  clock.advance(2h);
  EXPECT_THAT(refusal(message()).message,
              AllOf(HasSubstr("in 5 hours"), HasSubstr("2026-11-25T17:15:00.000Z")));
  clock.advance(3h + 15min);
  EXPECT_TRUE(ask(message()));
}

TEST_F(AdmitTest, TellsAClientToTryAgainWhenOnlyItsOthersAreInTheWay) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::total] = 100; });
  const auto running = ask(message());
  ASSERT_TRUE(running);
  const Error error = refusal(message());
  EXPECT_THAT(error, is(ErrorCode::limit_exhausted, "quota"));
  EXPECT_GT(error.retry_after, 0s);
  EXPECT_THAT(error.message, HasSubstr("Try again when they have ended"));
}

TEST_F(AdmitTest, SaysThatARequestIsLargerThanItsLimit) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::total] = 50; });
  const Error error = refusal(message());
  EXPECT_THAT(error.message, HasSubstr("more than the limit itself"));
  EXPECT_EQ(error.retry_after, 0s);
}

TEST_F(AdmitTest, LetsThroughWhatIsFreeWhenNothingIsLeft) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::total] = 0; });
  EXPECT_THAT(refusal(message()), is(ErrorCode::limit_exhausted, "quota"));
  EXPECT_TRUE(ask(asking("/v1/messages/count_tokens", R"({"model":"claude-opus-5-5"})")));
  EXPECT_TRUE(ask(asking("/v1/models", "", http::Method::get)));
  EXPECT_TRUE(ask(asking("/v1/messages/batches/b/results", "", http::Method::get)));
  for (const std::string_view path : {"/v1/messages/batches", "/v1/complete"}) {
    EXPECT_THAT(refusal(asking(path, "{}")), is(ErrorCode::limit_exhausted, "quota")) << path;
  }
}

TEST_F(AdmitTest, HoldsTheQuestionAndALikelyAnswer) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::total] = 1'000'000; });
  const auto small = ask(message("claude-opus-5-5", 64));
  EXPECT_THAT(ledger.opened.held, testing::AllOf(testing::Gt(64), testing::Lt(100)));
  const auto large = ask(message("claude-opus-5-5", 128'000));
  EXPECT_THAT(ledger.opened.held, testing::AllOf(testing::Gt(1'024), testing::Lt(1'060)));

  for (int i = 0; i < 20; ++i) {
    auto done = ask(message());
    done->settle({.input = 10, .output = 5'000}, core::Delivery::complete);
  }
  const auto usual = ask(message("claude-opus-5-5", 128'000));
  EXPECT_THAT(ledger.opened.held, testing::AllOf(testing::Gt(5'000), testing::Lt(5'040)));
}

TEST_F(AdmitTest, HoldsAllThatThereCanBeWhereItIsStrict) {
  know_key([](KeyEntry& entry) {
    entry.terms.token_limits[Window::total] = 1'000'000;
    entry.terms.hold = core::HoldPolicy::strict;
  });
  const Request request = message("claude-opus-5-5", 10'000);
  const auto asked = ask(request);
  EXPECT_EQ(ledger.opened.held, 10'000 + static_cast<core::TokenCount>(request.body.size()));
}

TEST_F(AdmitTest, HoldsByWhatTheUpstreamWasSeenToCount) {
  know_key([](KeyEntry& entry) { entry.terms.token_limits[Window::total] = 1'000'000'000; });
  std::string words;
  for (int i = 0; i < 2'000; ++i) words += "word ";
  const Request request = asking(
      "/v1/messages", R"({"model":"claude-opus-5-5","max_tokens":1,"messages":[{"role":"user",)"
                      R"("content":")" +
                          words + R"("}]})");
  const auto before = ask(request);
  const core::TokenCount held_before = ledger.opened.held;
  const core::TokenCount estimate = before->grant().input_estimate();
  for (int i = 0; i < 1'000; ++i) {
    auto done = ask(request);
    Outcome outcome{.delivery = core::Delivery::complete, .usage = {.input = 2 * estimate}};
    settle(context, *done, outcome);
  }
  EXPECT_NEAR(calibration.factor(claude::ModelFamily::opus), 2, 0.01);
  EXPECT_EQ(calibration.factor(claude::ModelFamily::haiku), 1);
  const auto after = ask(request);
  EXPECT_NEAR(static_cast<double>(ledger.opened.held), 2.0 * static_cast<double>(held_before), 10);
}

struct PricedAdmitTest : AdmitTest {
  void charge(core::UnpricedPolicy unpriced = {}) {
    const core::PriceRow row{.models = {"claude-opus-5-5"},
                             .rates = {.input = 5'000'000'000,
                                       .output = 25'000'000'000,
                                       .cache_write_5m = 6'250'000'000,
                                       .cache_write_1h = 10'000'000'000,
                                       .cache_read = 500'000'000}};
    prices.replace(core::PriceTable::make({row}, std::move(unpriced)).value());
  }
};

TEST_F(PricedAdmitTest, HoldsDollarsByThePriceOfTheModel) {
  charge();
  know_key([](KeyEntry& entry) { entry.terms.cost_limits[Window::month] = 1'000'000'000; });
  spend(0, 999'000'000);
  const Error error = refusal(message());
  EXPECT_THAT(error, is(ErrorCode::limit_exhausted, "cost"));
  EXPECT_THAT(error.message, AllOf(HasSubstr("$1 a month"), HasSubstr("$0.999"),
                                   HasSubstr("2026-12-01T00:00:00.000Z")));
  know_key([](KeyEntry& entry) { entry.terms.cost_limits[Window::month] = 1'002'000'000; });
  EXPECT_TRUE(ask(message())) << "64 tokens of answer are $0.0016";
}

TEST_F(PricedAdmitTest, HoldsWhatIsDearestWhereItIsStrict) {
  const auto strict = [this](core::NanoUsd limit) {
    know_key([limit](KeyEntry& entry) {
      entry.terms.cost_limits[Window::month] = limit;
      entry.terms.hold = core::HoldPolicy::strict;
    });
  };
  const Request request = message("claude-opus-5-5", 100);
  const auto question = static_cast<core::NanoUsd>(request.body.size());
  for (const auto dearest : {&core::TokenRates::input, &core::TokenRates::cache_write_5m,
                             &core::TokenRates::cache_write_1h, &core::TokenRates::cache_read}) {
    core::PriceRow row{.models = {"claude-opus-5-5"}, .rates = {0, 25'000'000'000, 0, 0, 0}};
    row.rates.*dearest = 7'000'000'000;
    prices.replace(core::PriceTable::make({row}).value());
    const core::NanoUsd cost = question * 7'000 + 100 * 25'000;
    strict(cost - 1);
    EXPECT_THAT(refusal(request), is(ErrorCode::limit_exhausted, "cost"));
    strict(cost);
    EXPECT_TRUE(ask(request));
  }
}

TEST_F(PricedAdmitTest, HoldsForFastModeWhereverItIsAskedFor) {
  core::PriceRow row{.models = {"claude-opus-5-5"}, .rates = {0, 25'000'000'000, 0, 0, 0}};
  row.fast = 2 * core::factor_one;
  prices.replace(core::PriceTable::make({row}).value());
  know_key([](KeyEntry& entry) { entry.terms.cost_limits[Window::month] = 100 * 25'000; });
  EXPECT_TRUE(ask(message("claude-opus-5-5", 100)));
  client.request_head.fields.add("anthropic-beta", "files-api-2025-04-14");
  EXPECT_TRUE(ask(message("claude-opus-5-5", 100)));
  client.request_head.fields.add("Anthropic-Beta", "fast-mode-2026-02-01");
  EXPECT_THAT(refusal(message("claude-opus-5-5", 100)), is(ErrorCode::limit_exhausted, "cost"));
}

TEST_F(PricedAdmitTest, RefusesAModelWithoutAPriceWhereTheOperatorSaysSo) {
  know_key([](KeyEntry& entry) { entry.terms.cost_limits[Window::month] = 1'000'000'000; });
  charge({.blocks = true});
  EXPECT_TRUE(ask(message("claude-opus-5-5")));
  EXPECT_THAT(refusal(message("claude-unheard-of")), is(ErrorCode::forbidden, "model"));
  charge();
  EXPECT_TRUE(ask(message("claude-unheard-of")));
  charge({.blocks = true});
  know_key([](KeyEntry&) {});
  EXPECT_TRUE(ask(message("claude-unheard-of"))) << "a key without a limit in dollars may";
}

TEST_F(PricedAdmitTest, RefusesWhatHasNoPriceWhenTheDollarsAreGone) {
  charge();
  know_key([](KeyEntry& entry) { entry.terms.cost_limits[Window::total] = 0; });
  EXPECT_THAT(refusal(message("claude-unheard-of")), is(ErrorCode::limit_exhausted, "cost"));
}

TEST_F(AdmitTest, SaysHowLongToWaitForTheNextRequest) {
  tier = {.name = "basic", .requests = 2, .period = 60s, .count_tokens_requests = 1};
  know_key([](KeyEntry&) {});
  for (int i = 0; i < 2; ++i) ask(message())->settle({}, core::Delivery::refused);
  clock.advance(12s + 300ms);
  const Error error = refusal(message());
  EXPECT_THAT(error, is(ErrorCode::rate_limited, "rate"));
  EXPECT_EQ(error.retry_after, 18s) << "17.7 s, rounded up";
  EXPECT_THAT(error.message, HasSubstr("2 requests in 60 s"));

  const Request counting = asking("/v1/messages/count_tokens", R"({"model":"claude-opus-5-5"})");
  ask(counting)->settle({}, core::Delivery::complete);
  EXPECT_EQ(refusal(counting).retry_after, 60s);

  clock.advance(17s + 700ms);
  EXPECT_TRUE(ask(message()));
}

TEST_F(AdmitTest, LimitsWhatRunsAtOnce) {
  know_key([](KeyEntry& entry) { entry.terms.concurrency = 1; });
  {
    const auto running = ask(message());
    EXPECT_THAT(refusal(message()), is(ErrorCode::rate_limited, "concurrency"));
    EXPECT_GT(refusal(message()).retry_after, 0s);
  }
  EXPECT_TRUE(ask(message()));
}

TEST_F(AdmitTest, GivesEverythingBackWhenTheLedgerHasNoRoom) {
  tier = {.name = "basic", .requests = 1, .period = 60s, .tokens_per_minute = 1'000};
  know_key([](KeyEntry& entry) {
    entry.terms.token_limits[Window::total] = 100;
    entry.terms.concurrency = 1;
  });
  ledger.is_full = true;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal(message()).code, ErrorCode::overloaded);
  ledger.is_full = false;
  EXPECT_TRUE(ask(message()));
}

TEST_F(AdmitTest, TakesAFormerSecretForAsLongAsItIsValid) {
  const Secret former = core::generate_key();
  know_key([&](KeyEntry& entry) {
    entry.former = {pepper.digest(former.reveal()), clock.wall() + 1h};
  });
  client.request_head.fields.clear();
  client.request_head.fields.add("x-api-key", former.reveal());
  EXPECT_TRUE(ask(message()));
  clock.advance(1h);
  EXPECT_EQ(refusal(message()).code, ErrorCode::unauthenticated);
}

TEST_F(AdmitTest, LooksAtTheKeyAsItIsWhenTheBodyHasCome) {
  auto principal = authenticate(keys, pepper, client.head(), clock.wall());
  const Request request = message();
  const auto admitted = [&] {
    return admit(context, *principal, request, client, core::new_request_id(WallTime{}));
  };
  EXPECT_TRUE(admitted());
  know_key([](KeyEntry& entry) { entry.is_active = false; });
  EXPECT_EQ(admitted().error().reason, "disabled");
  keys.replace({});
  EXPECT_EQ(admitted().error().code, ErrorCode::unauthenticated);
  know_key([](KeyEntry&) {});
  EXPECT_TRUE(admitted());
}

}  // namespace
}  // namespace relay::exchange
