#include "store/libpq.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace relay::store {
namespace {

using testing::HasSubstr;

TEST(Libpq, IsLoadedOnce) {
  ASSERT_TRUE(libpq()) << libpq().error().detail;
  EXPECT_EQ(&libpq(), &libpq());
  EXPECT_GE(libpq()->PQserverVersion(nullptr), 0) << "it can be called";
}

TEST(Libpq, SaysWhatToInstallWhereThereIsNone) {
  const Result<Libpq> none = load_libpq("libpq.so.none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  EXPECT_THAT(none.error().detail, HasSubstr("apt-get install libpq5 (libpq.so.none: cannot open"));
}

TEST(Libpq, SaysWhatToInstallWhereItLacksAFunction) {
  const Result<Libpq> other = load_libpq("libm.so.6");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::not_found);
  EXPECT_THAT(other.error().detail, HasSubstr("apt-get install libpq5 ("));
  EXPECT_THAT(other.error().detail, HasSubstr("undefined symbol: PQ"));
}

}  // namespace
}  // namespace relay::store
