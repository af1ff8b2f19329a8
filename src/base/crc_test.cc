#include "base/crc.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace relay {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}

// The check values of the catalogue of parametrised CRC algorithms.
TEST(Crc, AgreesWithThePublishedCheckValues) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xCBF43926u);
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32c_portable(bytes_of("123456789")), 0xE3069283u);
}

TEST(Crc, IsTheSameWithAndWithoutTheInstruction) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(crc32c(bytes, 7), crc32c_portable(bytes, 7)) << i;
    bytes.push_back(static_cast<std::byte>(i * 37));
  }
}

TEST(Crc, ContinuesFromWhatCameBefore) {
  EXPECT_EQ(crc32c(bytes_of("56789"), crc32c(bytes_of("1234"))), crc32c(bytes_of("123456789")));
}

}  // namespace
}  // namespace relay
