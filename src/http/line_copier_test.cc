#include "http/line_copier.h"

#include <gtest/gtest.h>

#include <string>

namespace relay::http {
namespace {

TEST(LineCopier, CopiesWhatPassesInItsOrder) {
  Fields fields;
  fields.assign(
      "a: 1\r\nb: 2\r\nc:3\r\nd: 4\r\n",
      std::vector<Fields::Slot>{{0, 1, 3, 1}, {6, 1, 9, 1}, {12, 1, 14, 1}, {17, 1, 20, 1}});
  for (unsigned passing = 0; passing < 16; ++passing) {
    std::string expected;
    std::string copied(fields.line_bytes_max(), '\0');
    LineCopier copier{fields, copied.data()};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if ((passing >> i & 1) == 0) continue;
      copier.pass(i);
      expected += std::string{fields[i].name.text()} + ": " + std::string{fields[i].value} + "\r\n";
    }
    copied.resize(static_cast<std::size_t>(copier.end() - copied.data()));
    EXPECT_EQ(copied, expected);
  }
}

TEST(LineCopier, GivesAFieldAnotherValue) {
  Fields fields;
  fields.add("a", "1");
  fields.add("location", "https://there/path");
  fields.add("b", "2");
  std::string copied(fields.line_bytes_max(), '\0');
  LineCopier copier{fields, copied.data()};
  copier.pass(0);
  copier.pass_as({"location", "/path"});
  copier.pass(2);
  copied.resize(static_cast<std::size_t>(copier.end() - copied.data()));
  EXPECT_EQ(copied, "a: 1\r\nlocation: /path\r\nb: 2\r\n");
}

}  // namespace
}  // namespace relay::http
