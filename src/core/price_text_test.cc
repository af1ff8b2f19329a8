#include "core/price_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relay::core {
namespace {

using testing::ElementsAre;

PriceRow row_of(const std::vector<PriceMember>& members) {
  PriceRow row;
  for (const PriceMember& member : members) {
    EXPECT_TRUE(is_price_member(member.path)) << member.path;
    EXPECT_TRUE(set_price_member(row, member.path, member.text)) << member.path;
  }
  return row;
}

TEST(PriceText, ShowsEveryMemberAsItWasSet) {
  const std::vector<PriceMember> all = {{"models", "claude-opus-5-5"},
                                        {"models", "another"},
                                        {"input", "4"},
                                        {"output", "20"},
                                        {"cache_write_5m", "5"},
                                        {"cache_write_1h", "8"},
                                        {"cache_read", "0.2"},
                                        {"web_search", "10"},
                                        {"long_prompt.above", "200000"},
                                        {"long_prompt.input", "8"},
                                        {"long_prompt.output", "30.000000001"},
                                        {"long_prompt.cache_write_5m", "10"},
                                        {"long_prompt.cache_write_1h", "16"},
                                        {"long_prompt.cache_read", "0"},
                                        {"fast.input", "8"},
                                        {"fast.output", "40"},
                                        {"fast.cache_write_5m", "10"},
                                        {"fast.cache_write_1h", "16"},
                                        {"fast.cache_read", "0.4"},
                                        {"us", "1.1"},
                                        {"batch", "0.5"},
                                        {"valid_from", "2026-10-07"},
                                        {"valid_to", "2026-11-22T10:00:00.000Z"},
                                        {"source", "https://example.com/prices"},
                                        {"checked_on", "2026-11-22"}};
  const PriceRow row = row_of(all);
  EXPECT_EQ(fault_in(row), "");
  EXPECT_EQ(price_members(row), all);
  EXPECT_EQ(row.rates.cache_read, 200'000'000);
  EXPECT_EQ(row.us, 11'000);
}

TEST(PriceText, ShowsNothingOfWhatIsNotThere) {
  EXPECT_THAT(price_members(PriceRow{}), testing::IsEmpty());
  EXPECT_THAT(price_members(row_of({{"fast", "6"}})), ElementsAre(PriceMember{"fast", "6"}));
}

TEST(PriceText, RefusesWhatItCannotKeepAndLeavesTheRowAlone) {
  for (const PriceMember& wrong : {PriceMember{"input", "-1"},
                                   {"input", "1.0000000001"},
                                   {"input", "free"},
                                   {"input", ""},
                                   {"fast.input", "x"},
                                   {"us", "1.00001"},
                                   {"us", "-1"},
                                   {"us", "11"},
                                   {"fast", "99999999999"},
                                   {"long_prompt.above", "0"},
                                   {"long_prompt.above", "1e5"},
                                   {"long_prompt.above", "-1"},
                                   {"valid_from", "2026-13-01"},
                                   {"valid_from", "yesterday"},
                                   {"valid_to", "2026-1-1"},
                                   {"checked_on", "2026-11-22T10:00:00Z"},
                                   {"checked_on", "2026-02-30"}}) {
    PriceRow row;
    EXPECT_FALSE(set_price_member(row, wrong.path, wrong.text)) << wrong.path << " " << wrong.text;
    EXPECT_EQ(row, PriceRow{}) << wrong.path;
  }
  EXPECT_FALSE(is_price_member("price"));
  EXPECT_FALSE(is_price_member("fast.above"));
}

TEST(PriceText, NamesWhatMayStandWhere) {
  EXPECT_THAT(price_member_names("fast"),
              ElementsAre("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"));
  EXPECT_THAT(price_member_names(""), testing::Contains("long_prompt"));
}

}  // namespace
}  // namespace relay::core
