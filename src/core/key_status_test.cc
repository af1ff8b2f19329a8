#include "core/key_status.h"

#include <gtest/gtest.h>

#include "core/words.h"

namespace relay::core {
namespace {

using namespace std::chrono_literals;

const WallTime now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};

TEST(KeyStatus, IsActiveWithoutAnyLimit) {
  EXPECT_EQ(status_of({}, now), KeyStatus::active);
}

TEST(KeyStatus, ExpiresAtItsDateOrSoManyDaysAfterItsFirstUse) {
  ApiKey key;
  key.terms.days_from_first_use = 30;
  EXPECT_EQ(status_of(key, now), KeyStatus::active);
  key.first_used_at = now - 30 * 24h;
  EXPECT_EQ(status_of(key, now), KeyStatus::expired);
  EXPECT_EQ(status_of(key, now - 1ms), KeyStatus::active);
  key.terms.expires_at = now - 24h;
  EXPECT_EQ(expiry_of(key.terms, key.first_used_at), now - 24h);
}

TEST(KeyStatus, IsExhaustedWhenATotalIsUsedUp) {
  ApiKey key;
  key.terms.cost_limits[Window::total] = 100;
  key.cost_used = 99;
  EXPECT_EQ(status_of(key, now), KeyStatus::active);
  key.cost_used = 100;
  EXPECT_EQ(status_of(key, now), KeyStatus::exhausted);
  key.is_active = false;
  EXPECT_EQ(status_of(key, now), KeyStatus::disabled);
}

TEST(Words, AreReadAsTheyAreWritten) {
  for (const std::string_view word : words::deliveries) {
    EXPECT_EQ(to_string(parse_delivery(word).value()), word);
  }
  for (const std::string_view word : words::endpoints) {
    EXPECT_EQ(to_string(parse_endpoint(word).value()), word);
  }
  EXPECT_EQ(parse_key_status("dead"), std::nullopt);
}

}  // namespace
}  // namespace relay::core
