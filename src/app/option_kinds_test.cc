#include "app/option_kinds.h"

#include <gtest/gtest.h>

namespace relay::app {
namespace {

using namespace std::chrono_literals;

TEST(DurationKind, TakesUnitsAndPlainSeconds) {
  const DurationKind kind{0ms, 24h};
  EXPECT_EQ(kind.parse("90"), 90s);
  EXPECT_EQ(kind.parse("250ms"), 250ms);
  EXPECT_EQ(kind.parse("5m"), 5min);
  EXPECT_EQ(kind.parse("2h"), 2h);
  for (const char* text : {"", "s", "-1", "1d", "1.5s", "1 s", "25h", "+1", "1S"}) {
    EXPECT_FALSE(kind.parse(text)) << text;
  }
}

TEST(DurationKind, ShowsTheLargestUnitThatFits) {
  const DurationKind kind{0ms, 24h};
  EXPECT_EQ(kind.show(0ms), "0");
  EXPECT_EQ(kind.show(90s), "90s");
  EXPECT_EQ(kind.show(120s), "2m");
  EXPECT_EQ(kind.show(1500ms), "1500ms");
  for (const auto value : {0ms, 1ms, 999ms, 60'000ms, 3'600'000ms, 86'399'999ms}) {
    EXPECT_EQ(kind.parse(kind.show(value)), value);
  }
}

TEST(SyncKind, TakesADurationWithinBoundsOrEach) {
  const SyncKind kind{{10ms, 10s}};
  EXPECT_EQ(kind.parse("each").value(), std::nullopt);
  EXPECT_EQ(kind.parse("100ms").value(), 100ms);
  EXPECT_EQ(kind.parse("10").value(), 10s);
  EXPECT_EQ(kind.show(kind.parse("each").value()), "each");
  EXPECT_EQ(kind.show(kind.parse("10ms").value()), "10ms");
  for (const char* text : {"", "0", "9ms", "11s", "Each", "each ", "never"}) {
    EXPECT_FALSE(kind.parse(text)) << text;
  }
}

TEST(BytesKind, TakesBinaryUnits) {
  const BytesKind kind{0, std::size_t{1} << 40};
  EXPECT_EQ(kind.parse("65536"), 65536U);
  EXPECT_EQ(kind.parse("64KiB"), 65536U);
  EXPECT_EQ(kind.parse("1GiB"), 1U << 30);
  EXPECT_EQ(kind.show(65537), "65537");
  for (const char* text : {"", "KiB", "-1", "1KB", "1.5MiB", "9999999999GiB"}) {
    EXPECT_FALSE(kind.parse(text)) << text;
  }
}

TEST(EndpointKind, KnowsShortForms) {
  const EndpointKind kind;
  EXPECT_EQ(kind.show(kind.parse(":8000").value()), "[::]:8000");
  EXPECT_EQ(kind.show(kind.parse("localhost:8000").value()), "127.0.0.1:8000");
  EXPECT_EQ(kind.show(kind.parse("[::1]:0").value()), "[::1]:0");
  for (const char* text : {"", "8000", "example.com:80", "::1:80", "127.0.0.1", "127.0.0.1:"}) {
    EXPECT_FALSE(kind.parse(text)) << text;
  }
}

TEST(AddressRangeKind, TakesAddressesAndRanges) {
  const AddressRangeKind kind;
  for (const char* text : {"10.0.0.0/8", "127.0.0.1", "::1", "fc00::/7", "0.0.0.0/0", "::/0"}) {
    const auto range = kind.parse(text);
    ASSERT_TRUE(range) << text << ": " << range.error();
    EXPECT_EQ(kind.show(*range), text);
  }
  for (const char* text : {"", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10/8", "x"}) {
    EXPECT_FALSE(kind.parse(text)) << text;
  }
}

TEST(TimeZoneKind, TakesNamesOfZones) {
  const TimeZoneKind kind;
  for (const char* text : {"UTC", "Etc/UTC", "Asia/Shanghai"}) {
    EXPECT_EQ(kind.show(kind.parse(text).value()), text);
  }
  for (const char* text : {"", "CST8", "+08:00", "shanghai"}) {
    EXPECT_FALSE(kind.parse(text)) << text;
  }
}

TEST(BooleanKind, TakesWhatYamlAndShellsSay) {
  for (const char* text : {"true", "yes", "on", "1"}) EXPECT_EQ(BooleanKind{}.parse(text), true);
  for (const char* text : {"false", "no", "off", "0"}) EXPECT_EQ(BooleanKind{}.parse(text), false);
  EXPECT_FALSE(BooleanKind{}.parse("maybe"));
}

}  // namespace
}  // namespace relay::app
