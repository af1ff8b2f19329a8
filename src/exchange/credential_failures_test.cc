#include "exchange/credential_failures.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace relay::exchange {
namespace {

using namespace std::chrono_literals;

const TimePoint start{1000h};

Address at(const char* text) {
  return *parse_address(text);
}

// How many of `tries` in a row are looked at.
int looked_at(CredentialFailures& failures, const char* address, TimePoint now, int tries = 100) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += failures.note(at(address), now) == 0s ? 1 : 0;
  return taken;
}

TEST(CredentialFailures, MakeAnAddressWaitAfterSoManyInAMinute) {
  Counter all;
  CredentialFailures failures{20, all};
  EXPECT_EQ(looked_at(failures, "192.0.2.1", start), 20);
  EXPECT_EQ(failures.note(at("192.0.2.1"), start), 60s);
  EXPECT_EQ(failures.note(at("192.0.2.1"), start + 59s), 1s);
  EXPECT_EQ(looked_at(failures, "192.0.2.1", start + 60s), 20);
}

TEST(CredentialFailures, SpreadOverTimeMakeNobodyWait) {
  Counter all;
  CredentialFailures failures{20, all};
  for (int i = 0; i < 200; ++i) EXPECT_EQ(failures.note(at("192.0.2.1"), start + i * 3s), 0s) << i;
}

TEST(CredentialFailures, AreNobodyElses) {
  Counter all;
  CredentialFailures failures{20, all};
  EXPECT_EQ(looked_at(failures, "192.0.2.1", start), 20);
  EXPECT_EQ(looked_at(failures, "192.0.2.2", start), 20);
}

// Whoever has one address of IPv6 has 2^64 of them.
TEST(CredentialFailures, OfOneIpv6NetworkAreCountedTogether) {
  Counter all;
  CredentialFailures failures{20, all};
  EXPECT_EQ(looked_at(failures, "2001:db8::1", start, 12), 12);
  EXPECT_EQ(looked_at(failures, "2001:db8::ffff:2", start), 8);
  EXPECT_EQ(looked_at(failures, "2001:db8:0:1::1", start), 20);
}

TEST(CredentialFailures, CountForNothingWhenThatIsConfigured) {
  Counter all;
  CredentialFailures failures{0, all};
  EXPECT_EQ(looked_at(failures, "192.0.2.1", start, 10'000), 10'000);
}

// Loops see the time of their own turn.
TEST(CredentialFailures, MayBeNotedALittleInThePast) {
  Counter all;
  CredentialFailures failures{20, all};
  EXPECT_EQ(looked_at(failures, "192.0.2.1", start), 20);
  EXPECT_EQ(failures.note(at("192.0.2.1"), start - 1s), 61s);
}

TEST(CredentialFailures, AreCountedExactlyByManyThreads) {
  Counter all;
  CredentialFailures failures{1'000, all};
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { taken += looked_at(failures, "192.0.2.1", start, 1'000); });
    }
  }
  EXPECT_EQ(taken, 1'000);
}

struct Answer : testing::Test {
  Counter all;
  CredentialFailures failures{1, all};
  http::RequestHead head;
  const Error wrong{.code = ErrorCode::unauthenticated, .origin = Origin::client};

  Error answer(const Error& why) { return failures.answer(head, at("192.0.2.1"), start, why); }
};

TEST_F(Answer, SaysWhyAndThenHowLongToWait) {
  head.fields.add("authorization", "Bearer sk-proxy-wrong");
  EXPECT_EQ(answer(wrong).code, ErrorCode::unauthenticated);
  EXPECT_EQ(answer(wrong).code, ErrorCode::rate_limited);
  EXPECT_EQ(answer(wrong).retry_after, 60s);
  EXPECT_EQ(all.value(), 3u);
}

TEST_F(Answer, CountsNoRequestThatShowsNoCredential) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer(wrong).code, ErrorCode::unauthenticated);
  EXPECT_EQ(all.value(), 0u);
}

TEST_F(Answer, CountsNoOtherMistake) {
  head.fields.add("x-api-key", "a");
  const Error twice{.code = ErrorCode::invalid_request, .origin = Origin::client};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer(twice).code, ErrorCode::invalid_request);
  EXPECT_EQ(answer(wrong).code, ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace relay::exchange
