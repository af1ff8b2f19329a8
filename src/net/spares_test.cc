#include "net/spares.h"

#include <gtest/gtest.h>

namespace relay::net {
namespace {

TEST(Spares, AreThereForTheNextOne) {
  Spares<std::string> lines;
  auto line = lines.take();
  line->assign(200, 'a');
  const char* const memory = line->data();
  lines.put_back(std::move(line));
  EXPECT_EQ(lines.take()->data(), memory);
  EXPECT_NE(lines.take(), nullptr);
}

TEST(Spares, AreNotThoseThatHaveGrownLarge) {
  Spares<std::string> lines;
  auto large = lines.take();
  large->assign(3 * limits::kept_string_bytes_max, 'a');
  lines.put_back(std::move(large));
  EXPECT_LT(lines.take()->capacity(), limits::kept_string_bytes_max);
}

TEST(Spares, AreOnlySoMany) {
  Spares<std::string> lines;
  for (std::size_t i = 0; i <= limits::spare_heads_max; ++i) {
    lines.put_back(std::make_unique<std::string>("spare"));
  }
  for (std::size_t i = 0; i < limits::spare_heads_max; ++i) EXPECT_EQ(*lines.take(), "spare");
  EXPECT_EQ(*lines.take(), "");
}

TEST(Spares, MayBeNone) {
  Spares<http::RequestHead> heads;
  heads.put_back(nullptr);
  EXPECT_NE(heads.take(), nullptr);
}

}  // namespace
}  // namespace relay::net
