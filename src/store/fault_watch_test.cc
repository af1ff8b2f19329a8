#include "store/fault_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/limits.h"
#include "store/file.h"
#include "store/store_fixture.h"

namespace relay::store {
namespace {

const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

// Memory of four pages that say "0", "1", "2" and "3", mapped from a file which is then cut off
// before the third: a store to what is behind it is answered with SIGBUS, as on a full disk. The
// watch is given a copy of the whole file, so that there is something to read the page from.
struct FaultWatchTest : testing::Test {
  TemporaryDirectory directory;
  File mapped = make("mapped");
  File copy = make("copy");
  char* memory = static_cast<char*>(
      ::mmap(nullptr, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, mapped.get(), 0));

  FaultWatchTest() { EXPECT_EQ(::ftruncate(mapped.get(), static_cast<off_t>(2 * page)), 0); }
  ~FaultWatchTest() override { ::munmap(memory, 4 * page); }

  File make(const char* name) const {
    File file = open_private_file(directory.path() / name).value();
    for (int i = 0; i < 4; ++i) {
      const std::string text(page, static_cast<char>('0' + i));
      EXPECT_EQ(::write(file.get(), text.data(), page), static_cast<ssize_t>(page));
    }
    return file;
  }
  Result<FaultWatch> watch(const File& file) const {
    return FaultWatch::begin({reinterpret_cast<std::byte*>(memory), 4 * page}, file.get());
  }
};

TEST_F(FaultWatchTest, ReplacesAPageThatCannotBeWrittenAndKeepsWhatWasInIt) {
  const FaultWatch watched = watch(copy).value();
  memory[0] = 'x';
  EXPECT_FALSE(watched.has_lost_pages()) << "the file has the first page";
  memory[3 * page + 5] = 'x';
  EXPECT_TRUE(watched.has_lost_pages());
  EXPECT_EQ(std::string(memory + 3 * page, 10), "33333x3333");
  EXPECT_EQ(memory[4 * page - 1], '3');
  EXPECT_EQ(memory[2 * page - 1], '1');

  memory[2 * page] = 'y';
  EXPECT_EQ(std::string(memory + 2 * page, 3), "y22");
  EXPECT_EQ(memory[3 * page + 5], 'x');
}

TEST_F(FaultWatchTest, LeavesThreadsThatReadThePageAlone) {
  // The file is whole, so that there are readers before the writer comes to a page of its own.
  ASSERT_EQ(::pwrite(mapped.get(), std::string(page, '2').data(), page, 2L * getpagesize()),
            static_cast<ssize_t>(page));
  const FaultWatch watched = watch(copy).value();
  std::atomic<bool> is_done = false;
  std::atomic<int> others = 0;
  std::jthread reader{[&] {
    const std::atomic_ref<char> seen{memory[2 * page]};
    while (!is_done) others += seen.load() == '2' ? 0 : 1;
  }};
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(::ftruncate(mapped.get(), static_cast<off_t>(2 * page)), 0);
    memory[3 * page - 1] = 'x';
  }
  is_done = true;
  reader.join();
  EXPECT_EQ(others, 0);
  EXPECT_TRUE(watched.has_lost_pages());
}

TEST_F(FaultWatchTest, WatchesNoLongerThanItIsToldTo) {
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(watch(copy)) << "the places are given back";
  EXPECT_DEATH(memory[3 * page] = 'x', "");
}

TEST_F(FaultWatchTest, DoesNotInventWhatTheFileCannotGiveBack) {
  const FaultWatch watched = watch(mapped).value();
  EXPECT_DEATH(memory[3 * page] = 'x', "");
}

TEST_F(FaultWatchTest, LetsASignalThatWasSentEndTheProcess) {
  const FaultWatch watched = watch(copy).value();
  EXPECT_DEATH(::raise(SIGBUS), "");
}

TEST_F(FaultWatchTest, HasABound) {
  std::vector<FaultWatch> all;
  auto next = watch(copy);
  for (; next; next = watch(copy)) all.push_back(*std::move(next));
  EXPECT_EQ(all.size(), limits::fault_watches_max);
  EXPECT_THAT(next.error().detail, testing::HasSubstr("too many"));
}

}  // namespace
}  // namespace relay::store
