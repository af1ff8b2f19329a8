#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/journal_segment.h"

namespace relay::store {

// How a call to the store or the disk ends. Unknown: it was done, and an error came back.
enum class Fate : std::uint8_t { done, failed, unknown };

// The process is dead: whoever catches it sees to it that nothing of it is used any more. Without
// power, what was written to files and not synced is gone as well.
struct Killed {
  bool has_power = true;
};

// What goes on while such a call is under way: others may go on, or the process may be killed.
struct Meanwhile {
  virtual ~Meanwhile() = default;
  virtual Fate before(std::string_view call) = 0;  // It has not been done yet,
  virtual void after() = 0;                        // and now it has.
};

// A disk of segments that is told how its calls end, and knows what would outlast a loss of power:
// of each segment what it was when the last sync() that succeeded was called. After one that failed
// nothing more gets to the disk, whatever the next one says (fsync-gate).
class FatedDisk {
 public:
  using Bytes = std::vector<std::byte>;

  static JournalDisk of(Meanwhile& meanwhile) {
    meanwhile_ = &meanwhile;
    images_.clear();
    return {.allocate = &allocate, .sync = &sync};
  }

  // Of the segments that are mapped.
  static std::vector<Bytes> synced() {
    std::vector<Bytes> all;
    for (const Image& image : images_) {
      if (is_mapped(image) && !image.bytes.empty()) all.push_back(image.bytes);
    }
    return all;
  }

 private:
  struct Image {
    void* memory;
    Bytes bytes = {};
    bool is_failed = false;
  };

  static int allocate(int file, off_t offset, off_t bytes) {
    const Fate fate = meanwhile_->before("allocate");
    if (fate == Fate::failed) return ENOSPC;
    const int error = ::posix_fallocate(file, offset, bytes);
    meanwhile_->after();
    // The next segment may get the place in memory of one that is gone.
    std::erase_if(images_, [](const Image& image) { return !is_mapped(image); });
    return fate == Fate::unknown ? EIO : error;
  }

  static int sync(void* memory, std::size_t size, int) {
    const auto* const begin = static_cast<const std::byte*>(memory);
    const Bytes bytes{begin, begin + size};
    const Fate fate = meanwhile_->before("sync");
    Image& image = image_of(memory);
    if (fate != Fate::failed && !image.is_failed) image.bytes = bytes;
    if (fate != Fate::done) image.is_failed = true;
    meanwhile_->after();
    if (fate == Fate::done) return 0;
    errno = EIO;
    return -1;
  }

  static Image& image_of(void* memory) {
    const auto found = std::ranges::find(images_, memory, &Image::memory);
    return found != images_.end() ? *found : images_.emplace_back(memory);
  }
  static bool is_mapped(const Image& image) {
    unsigned char page = 0;
    return ::mincore(image.memory, 1, &page) == 0;
  }

  static inline Meanwhile* meanwhile_ = nullptr;
  static inline std::vector<Image> images_;
};

}  // namespace relay::store
