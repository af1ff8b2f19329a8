#include "claude/first_event.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace relay::claude {
namespace {

const std::string overloaded =
    "event: error\n"
    R"(data: {"type":"error","error":{"details":null,"type":"overloaded_error","message":"x"}})"
    "\n\n";

TEST(FirstEvent, IsNormalAsSoonAsItsNameSaysSo) {
  EXPECT_EQ(first_event("event: message_start"), FirstEvent::undecided);
  EXPECT_EQ(first_event("event: message_start\n"), FirstEvent::normal);
}

TEST(FirstEvent, TellsAnOverloadFromOtherErrors) {
  EXPECT_EQ(first_event(overloaded), FirstEvent::overloaded);
  EXPECT_EQ(first_event("event: error\ndata: {\"error\":{\"type\":\"api_error\"}}\n"),
            FirstEvent::other_error);
  EXPECT_EQ(first_event("event: error\ndata: nonsense\n"), FirstEvent::other_error);
}

TEST(FirstEvent, IsUndecidedUntilTheDataIsThere) {
  for (std::size_t size = 0; size + 2 < overloaded.size(); ++size) {
    EXPECT_EQ(first_event(overloaded.substr(0, size)), FirstEvent::undecided) << size;
  }
}

TEST(FirstEvent, LooksBehindPingsAndComments) {
  const std::string before = "\xEF\xBB\xBF: hello\r\n\r\nevent: ping\r\ndata: {}\r\n\r\n\r\n";
  EXPECT_EQ(first_event(before), FirstEvent::undecided);
  EXPECT_EQ(first_event(before + overloaded), FirstEvent::overloaded);
  EXPECT_EQ(first_event("data: {\"type\":\"ping\"}\n\n" + overloaded), FirstEvent::overloaded);
}

TEST(FirstEvent, NeedsNoName) {
  EXPECT_EQ(first_event(overloaded.substr(overloaded.find('\n') + 1)), FirstEvent::overloaded);
  EXPECT_EQ(first_event("data: {\"error\":{\"type\":\"overloaded_error\"}}\n"),
            FirstEvent::overloaded);
  EXPECT_EQ(first_event("data: {\"choices\":[]}\n"), FirstEvent::normal);
}

TEST(FirstEvent, LooksAtTheFirstEventOnly) {
  EXPECT_EQ(first_event("event: message_start\ndata: {}\n\n" + overloaded), FirstEvent::normal);
}

TEST(FirstEvent, IsNormalWhenItIsNotFound) {
  const std::string comment = ":" + std::string(limits::first_event_bytes_max, 'x');
  EXPECT_EQ(first_event(comment), FirstEvent::normal);
}

}  // namespace
}  // namespace relay::claude
