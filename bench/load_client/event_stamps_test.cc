#include "load_client/event_stamps.h"

#include <gmock/gmock.h>

#include <vector>

namespace relay::bench {
namespace {

constexpr std::string_view two_events =
    R"(data: {"type":"x","ts":0000000000000000017}\n\ndata: {"ts":1234567890123456789}\n\n)";

TEST(EventStamps, FindsEveryStampHoweverTheBytesCome) {
  for (std::size_t size = 1; size <= two_events.size(); ++size) {
    EventStamps stamps;
    std::vector<Nanos> found;
    for (std::size_t at = 0; at < two_events.size(); at += size) {
      stamps.read(two_events.substr(at, size), [&](Nanos stamp) { found.push_back(stamp); });
    }
    EXPECT_THAT(found, testing::ElementsAre(17, 1234567890123456789)) << size;
  }
}

TEST(EventStamps, PassesOverWhatAChunkHasBrokenUp) {
  EventStamps stamps;
  std::vector<Nanos> found;
  stamps.read("\"ts\":000000\r\n1f\r\n0000000000000017}",
              [&](Nanos stamp) { found.push_back(stamp); });
  EXPECT_THAT(found, testing::IsEmpty());
}

}  // namespace
}  // namespace relay::bench
