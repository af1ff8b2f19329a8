#include "store/fault_watch.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include "base/limits.h"
#include "store/store_error.h"

namespace relay::store {

// A signal handler in any thread looks for it by `begin`, which is therefore set last.
struct WatchedMemory {
  std::atomic<bool> is_taken = false;
  std::atomic<std::uintptr_t> begin = 0;
  std::atomic<std::size_t> bytes = 0;
  std::atomic<int> file = -1;
  std::atomic<bool> has_lost_pages = false;

  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept {
    const std::uintptr_t first = begin;
    return first != 0 && address >= first && address - first < bytes;
  }
};

namespace {

constinit std::array<WatchedMemory, limits::fault_watches_max> all_watched;
struct sigaction action_before = {};
std::uintptr_t page_bytes = 0;

// From here on to on_bus_error(): only what a signal handler may do.

// As a whole and at once, because other threads are reading the page.
bool replace_page(std::uintptr_t page, const WatchedMemory& watched) noexcept {
  void* const own =
      ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (own == MAP_FAILED) return false;
  const auto offset = static_cast<off_t>(page - watched.begin);
  const ssize_t read = ::pread(watched.file, own, page_bytes, offset);
  if (read == static_cast<ssize_t>(page_bytes) &&
      ::mremap(own, page_bytes, page_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, page) != MAP_FAILED) {
    return true;
  }
  ::munmap(own, page_bytes);
  return false;
}

bool rescue(std::uintptr_t address) noexcept {
  for (WatchedMemory& watched : all_watched) {
    if (!watched.contains(address)) continue;
    if (!replace_page(address & ~(page_bytes - 1), watched)) return false;
    watched.has_lost_pages = true;
    return true;
  }
  return false;
}

void on_bus_error(int signal, siginfo_t* cause, void*) {
  const int error = errno;
  const bool is_fault = cause->si_code > 0;  // Not sent by a process.
  if (!is_fault || !rescue(reinterpret_cast<std::uintptr_t>(cause->si_addr))) {
    ::sigaction(SIGBUS, &action_before, nullptr);
    if (!is_fault) ::raise(signal);  // A fault comes again by itself.
  }
  errno = error;
}

bool handle_bus_errors() noexcept {
  page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  return ::sigaction(SIGBUS, &action, &action_before) == 0;
}

WatchedMemory* take_one() noexcept {
  for (WatchedMemory& watched : all_watched) {
    if (!watched.is_taken.exchange(true)) return &watched;
  }
  return nullptr;
}

}  // namespace

Result<FaultWatch> FaultWatch::begin(std::span<std::byte> memory, int file) {
  static const bool is_handled = handle_bus_errors();
  if (!is_handled) return failure(ErrorCode::store_unavailable, "SIGBUS cannot be handled");
  WatchedMemory* const watched = take_one();
  if (watched == nullptr) {
    return failure(ErrorCode::store_unavailable, "too many mapped files are being watched");
  }
  watched->bytes = memory.size();
  watched->file = file;
  watched->has_lost_pages = false;
  watched->begin = reinterpret_cast<std::uintptr_t>(memory.data());
  return FaultWatch{watched};
}

bool FaultWatch::has_lost_pages() const noexcept {
  return watched_->has_lost_pages.load(std::memory_order_relaxed);
}

void FaultWatch::End::operator()(WatchedMemory* watched) const noexcept {
  watched->begin = 0;
  watched->is_taken = false;
}

}  // namespace relay::store
