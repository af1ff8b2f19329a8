#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

namespace relay::net {

struct FreeMemory {
  void operator()(char* memory) const noexcept { std::free(memory); }
};

// Where a request body lies. From malloc, because realloc can move pages, not bytes.
struct BodyMemory {
  std::unique_ptr<char[], FreeMemory> bytes;
  std::size_t size = 0;
};

// Memory of large bodies that are over, kept for the next ones: the kernel would give it page by
// page, and clear each of them first. Bounded by limits::idle_bodies_bytes_max. Belongs to one
// loop, and outlives its bodies.
class IdleBodies {
 public:
  // The smallest there is that has room for `bytes`, and not for twice as many. Empty: none has.
  [[nodiscard]] BodyMemory take(std::size_t bytes) noexcept;

  // Those that were kept for the longest make room. What is small is not kept.
  void put_back(BodyMemory memory);

  // Of all that is kept.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::vector<BodyMemory> idle_;  // The oldest first.
  std::size_t bytes_ = 0;
};

}  // namespace relay::net
