#include "base/frame_pool.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace relay {
namespace {

struct Frame {
  void* memory;
  std::size_t bytes;
  unsigned char mark;
};

Frame marked_frame(std::size_t bytes, unsigned char mark) {
  const Frame frame{allocate_frame(bytes), bytes, mark};
  std::memset(frame.memory, mark, bytes);
  return frame;
}

bool is_untouched(const Frame& frame) {
  const auto* const bytes = static_cast<const unsigned char*>(frame.memory);
  for (std::size_t i = 0; i < frame.bytes; ++i) {
    if (bytes[i] != frame.mark) return false;
  }
  return true;
}

TEST(FramePool, GivesFramesThatDoNotOverlap) {
  constexpr unsigned seed = 7;
  std::mt19937 random{seed};
  std::uniform_int_distribution<std::size_t> sizes{1, 3'000};
  std::vector<Frame> frames;
  for (int i = 0; i < 5'000; ++i) {
    const bool frees = !frames.empty() && random() % 3 == 0;
    if (frees) {
      std::swap(frames[random() % frames.size()], frames.back());
      ASSERT_TRUE(is_untouched(frames.back())) << "seed " << seed << ", step " << i;
      free_frame(frames.back().memory, frames.back().bytes);
      frames.pop_back();
    }
    frames.push_back(marked_frame(sizes(random), static_cast<unsigned char>(i)));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(frames.back().memory) % alignof(std::max_align_t),
              0);
  }
  for (const Frame& frame : frames) {
    ASSERT_TRUE(is_untouched(frame));
    free_frame(frame.memory, frame.bytes);
  }
}

TEST(FramePool, GivesWhatWasFreedToTheNextOfThatSize) {
  if (!detail::keeps_frames) GTEST_SKIP() << "a sanitizer wants to see every frame";
  void* const frame = allocate_frame(500);
  free_frame(frame, 500);
  EXPECT_EQ(allocate_frame(500), frame);
  free_frame(frame, 500);
}

TEST(FramePool, MakesSmallFramesOfALargeOneThatIsFree) {
  if (!detail::keeps_frames) GTEST_SKIP() << "a sanitizer wants to see every frame";
  std::thread{[] {
    void* const large = allocate_frame(2'000);
    free_frame(large, 2'000);
    void* const small = allocate_frame(800);
    void* const rest = allocate_frame(1'200);
    EXPECT_EQ(small, large);
    EXPECT_EQ(rest, static_cast<char*>(large) + 800);
    free_frame(small, 800);
    free_frame(rest, 1'200);
  }}.join();
}

TEST(FramePool, LeavesWhatAThreadHadToTheNextThread) {
  if (!detail::keeps_frames) GTEST_SKIP() << "a sanitizer wants to see every frame";
  constexpr std::size_t bytes = 1'999;
  void* first = nullptr;
  void* second = nullptr;
  std::thread{[&] {
    first = allocate_frame(bytes);
    free_frame(first, bytes);
  }}.join();
  std::thread{[&] {
    second = allocate_frame(bytes);
    free_frame(second, bytes);
  }}.join();
  EXPECT_EQ(second, first);
}

}  // namespace
}  // namespace relay
