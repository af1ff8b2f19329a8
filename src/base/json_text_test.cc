#include "base/json_text.h"

#include <gtest/gtest.h>

namespace relay {
namespace {

std::string escaped(std::string_view text) {
  std::string out = "before ";
  append_json_escaped(out, text);
  return out;
}

TEST(JsonText, IsPlainTextAsItIsOfAnyLength) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'a');
    EXPECT_EQ(escaped(text), "before " + text);
  }
}

TEST(JsonText, EscapesAByteWhereverItStands) {
  for (std::size_t size = 1; size < 70; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      const std::string before(at, 'a');
      const std::string behind(size - at - 1, 'z');
      EXPECT_EQ(escaped(before + '"' + behind), "before " + before + "\\\"" + behind);
      EXPECT_EQ(escaped(before + '\x7f' + behind), "before " + before + "\\u007f" + behind);
      EXPECT_EQ(escaped(before + '\xff' + behind), "before " + before + "\\ufffd" + behind);
    }
  }
}

}  // namespace
}  // namespace relay
