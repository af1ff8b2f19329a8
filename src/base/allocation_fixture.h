#pragma once

#include <cxxabi.h>
#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <sstream>
#include <string>
#include <vector>

// Counts what is allocated and remembers by whom. It replaces the global operator new, so at most
// one file of a program may include it.
namespace relay {

// Counts the allocations of this thread while it lives. One at a time.
class AllocationCount {
 public:
  AllocationCount() {
    std::array<void*, 2> primed = {};
    ::backtrace(primed.data(), static_cast<int>(primed.size()));  // Loads what it needs.
    current() = this;
  }
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;
  ~AllocationCount() { stop(); }

  void stop() noexcept { current() = nullptr; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  // For each place that has allocated: how often, and who called whom there. Needs addr2line; call
  // it after stop().
  [[nodiscard]] std::string places() const {
    std::ostringstream text;
    for (const Place& place : places_) {
      if (place.count == 0) break;
      text << place.count << " times, " << place.bytes << " bytes in all:\n" << shown(place);
    }
    return text.str();
  }

  static AllocationCount*& current() noexcept {
    thread_local AllocationCount* counting = nullptr;
    return counting;
  }

  void note(std::size_t bytes) noexcept {
    current() = nullptr;  // What follows is not to be counted.
    ++count_;
    Place found;
    ::backtrace(found.callers.data(), static_cast<int>(found.callers.size()));
    const auto place = std::ranges::find_if(places_, [&](const Place& known) {
      return known.count == 0 || known.callers == found.callers;
    });
    if (place != places_.end()) {
      place->callers = found.callers;
      ++place->count;
      place->bytes += bytes;
    }
    current() = this;
  }

 private:
  struct Place {
    std::array<void*, 24> callers = {};
    std::size_t count = 0;
    std::size_t bytes = 0;
  };

  // Where the program was loaded: addr2line wants to know addresses in the file.
  static std::uintptr_t load_bias() {
    std::uintptr_t bias = 0;
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {
          *static_cast<std::uintptr_t*>(out) = info->dlpi_addr;
          return 1;  // The program itself comes first.
        },
        &bias);
    return bias;
  }

  // The innermost of our functions, "name at file:line" each.
  static std::string shown(const Place& place) {
    std::ostringstream command;
    command << "addr2line -Cfpse /proc/" << ::getpid() << "/exe";
    for (void* const caller : place.callers) {
      const auto address = reinterpret_cast<std::uintptr_t>(caller);
      if (address != 0) command << " 0x" << std::hex << address - load_bias() - 1;
    }
    std::string text;
    int frames = 0;
    std::array<char, 4096> line = {};
    std::FILE* const lines = ::popen(command.str().c_str(), "r");
    while (std::fgets(line.data(), static_cast<int>(line.size()), lines) != nullptr) {
      const std::string_view frame = line.data();
      const bool is_ours = frame.find("relay") != std::string_view::npos &&
                           !frame.starts_with("std::") && !frame.starts_with("relay::Allocation") &&
                           !frame.starts_with("__gnu_cxx::");
      if (is_ours && ++frames <= 3) text += shown_frame(std::string{frame});
    }
    ::pclose(lines);
    return text;
  }

  // Without its parameters, which are many.
  static std::string shown_frame(std::string frame) {
    constexpr std::string_view unnamed = "(anonymous namespace)::";
    for (std::size_t at = 0; (at = frame.find(unnamed)) != std::string::npos;) {
      frame.erase(at, unnamed.size());
    }
    const std::size_t place = std::min(frame.rfind(" at "), frame.size());
    return "    " + frame.substr(0, std::min(frame.find('('), place)) + frame.substr(place);
  }

  std::size_t count_ = 0;
  std::array<Place, 64> places_ = {};
};

}  // namespace relay

// Not inline, or the compiler takes what they do apart and finds new and free() mismatched. Weak,
// for ThreadSanitizer has its own.
[[gnu::noinline, gnu::weak]] void* operator new(std::size_t bytes) {
  if (relay::AllocationCount* const counting = relay::AllocationCount::current()) {
    counting->note(bytes);
  }
  if (void* const memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline, gnu::weak]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline, gnu::weak]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
