#pragma once

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#if defined(__x86_64__)
#include <sys/reg.h>
#endif

namespace relay::store {

// What happens to a process at one system call of one of its threads. Threads have numbers in the
// order in which they began, from 0; calls from 1.
struct Fault {
  enum class Kind : std::uint8_t {
    kill,     // After the call.
    fail,     // The call, which does nothing.
    fail_all  // From then on, in all threads.
  };
  Kind kind = Kind::kill;
  int error = 0;  // Of a call that fails.
  std::size_t thread = 0;
  std::size_t call = 1;
};

// A child process of which every system call is seen, whoever makes it, and one has a fault. By
// ptrace, which a container may forbid, and which makes calls fail on x86-64 only.
//
// Calls after which to kill are those that somebody else could notice: how often a thread waits for
// another is a matter of chance. Calls that may fail are those on files, but for closing them.
class TracedProcess {
 public:
  enum class End : std::uint8_t {
    killed,  // By the fault.
    exited,
    broken,  // It crashed, ended by _exit() with a status, or not in time.
    not_permitted
  };
  struct Outcome {
    End end = End::broken;
    bool has_fault = false;  // False: it made no such call.
  };

  // A call as it begins, and once more as it ends.
  struct Call {
    std::size_t thread;
    std::uint64_t number;
    std::array<std::uint64_t, 6> arguments;
    bool has_ended;
  };
  using OnCall = std::function<void(const Call& call)>;

  // Runs `body` in a child process. Calls count from where it calls be_traced().
  static Outcome run(const Fault& fault, const std::function<void()>& body) {
    return watch(fault, body, [](const Call&) {});
  }
  // The same, and `on_call` is told of every call in the order in which they were made.
  static Outcome watch(const Fault& fault, const std::function<void()>& body, OnCall on_call) {
    const pid_t child = ::fork();
    if (child == 0) be_child(body);
    if (child < 0) return {};
    TracedProcess process{child, fault, std::move(on_call)};
    const End end = process.follow();
    return {.end = end, .has_fault = process.has_fault_};
  }

  // In the child, once.
  static void be_traced() {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(exit_not_permitted);
    std::raise(SIGSTOP);
  }

 private:
  static constexpr int exit_not_permitted = 77;
  static constexpr unsigned time_max_s = 60;

  struct Thread {
    pid_t id;
    std::size_t calls = 0;
    bool is_killed_after = false;  // The call that it is in.
    bool has_failed = false;       // The same.
    Call call{};
  };

  // No exception leaves it: that would be a second run of the tests.
  [[noreturn]] static void be_child(const std::function<void()>& body) noexcept {
    ::setpgid(0, 0);
    ::alarm(time_max_s);
    body();
    ::_exit(EXIT_SUCCESS);
  }

  TracedProcess(pid_t child, const Fault& fault, OnCall on_call)
      : child_{child}, fault_{fault}, on_call_{std::move(on_call)} {}

  End follow() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    if (!WIFSTOPPED(status)) return end_of(status);
    threads_.push_back({.id = child_});
    constexpr auto options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    if (::ptrace(PTRACE_SETOPTIONS, child_, nullptr, options) != 0) return give_up();
    resume(child_, 0);
    End end = End::broken;
    for (pid_t id = wait(status); id > 0; id = wait(status)) {
      if (WIFSTOPPED(status)) {
        if (!on_stop(thread(id), status)) return give_up();
      } else if (id == child_) {
        end = end_of(status);
      }
    }
    return end;
  }

  // Any of its threads; none when all are gone.
  [[nodiscard]] pid_t wait(int& status) const { return ::waitpid(-child_, &status, __WALL); }

  static void resume(pid_t thread, int signal) {
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal));
  }

  // A thread is seen before another one is begun, so they come in their order.
  Thread& thread(pid_t id) {
    const auto known = std::ranges::find(threads_, id, &Thread::id);
    return known != threads_.end() ? *known : threads_.emplace_back(id);
  }

  // False: this cannot be traced.
  bool on_stop(Thread& stopped, int status) {
    const pid_t id = stopped.id;
    const int signal = WSTOPSIG(status);
    const bool is_call = signal == (SIGTRAP | 0x80);
    if (is_call && !on_call(stopped)) return false;
    const bool is_event = status >> 8 == (SIGTRAP | (PTRACE_EVENT_CLONE << 8));
    if (is_event) {
      unsigned long begun = 0;
      ::ptrace(PTRACE_GETEVENTMSG, id, nullptr, &begun);
      thread(static_cast<pid_t>(begun));
    }
    const bool is_ours = is_call || is_event || signal == SIGSTOP;  // Every thread begins stopped.
    resume(id, is_ours ? 0 : signal);
    return true;
  }

  bool on_call(Thread& caller) {
    __ptrace_syscall_info info = {};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, caller.id, sizeof(info), &info) <= 0) return false;
    tell(caller, info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) return begin_call(caller, info);
    if (std::exchange(caller.is_killed_after, false)) ::kill(child_, SIGKILL);
    return !std::exchange(caller.has_failed, false) || answer(caller, fault_.error);
  }

  void tell(Thread& caller, const __ptrace_syscall_info& info) {
    caller.call.thread = static_cast<std::size_t>(&caller - threads_.data());
    caller.call.has_ended = info.op != PTRACE_SYSCALL_INFO_ENTRY;
    if (!caller.call.has_ended) {
      caller.call.number = info.entry.nr;
      std::ranges::copy(info.entry.args, caller.call.arguments.begin());
    }
    on_call_(caller.call);
  }

  bool begin_call(Thread& caller, const __ptrace_syscall_info& info) {
    const bool kills = fault_.kind == Fault::Kind::kill;
    if (kills ? !is_noticed(info) : !may_fail(caller, info)) return true;
    ++caller.calls;
    const bool is_there = &caller == threads_.data() + fault_.thread && caller.calls == fault_.call;
    const bool is_later = has_fault_ && fault_.kind == Fault::Kind::fail_all;
    if (!is_there && !is_later) return true;
    has_fault_ = true;
    caller.is_killed_after = kills;
    caller.has_failed = !kills;
    return kills || skip_call(caller);
  }

  static bool is_noticed(const __ptrace_syscall_info& info) {
    return info.entry.nr != SYS_futex && info.entry.nr != SYS_sched_yield;
  }

#if defined(__x86_64__)
  static constexpr auto calls_on_files = std::to_array<std::uint64_t>(
      {SYS_open,      SYS_openat,    SYS_mkdir,     SYS_flock,  SYS_newfstatat, SYS_getdents64,
       SYS_lseek,     SYS_read,      SYS_pread64,   SYS_write,  SYS_writev,     SYS_pwrite64,
       SYS_fallocate, SYS_ftruncate, SYS_mmap,      SYS_msync,  SYS_fsync,      SYS_fdatasync,
       SYS_rename,    SYS_renameat,  SYS_renameat2, SYS_unlink, SYS_unlinkat});

  static bool skip_call(const Thread& caller) {
    return set_register(caller, ORIG_RAX, -1);
  }
  static bool answer(const Thread& caller, int error) {
    return set_register(caller, RAX, -error);
  }
  static bool set_register(const Thread& of, int name, long value) {
    const std::size_t offset = sizeof(long) * static_cast<std::size_t>(name);
    return ::ptrace(PTRACE_POKEUSER, of.id, offset, value) == 0;
  }
#else
  static constexpr std::array<std::uint64_t, 2> calls_on_files = {SYS_openat, SYS_mmap};

  static bool skip_call(const Thread&) {
    return false;
  }
  static bool answer(const Thread&, int) {
    return false;
  }
#endif

  static bool may_fail(const Thread& caller, const __ptrace_syscall_info& info) {
    const int file = static_cast<int>(info.entry.args[info.entry.nr == SYS_mmap ? 4 : 0]);
    const bool is_memory = info.entry.nr == SYS_mmap && file < 0;
    const bool is_pipe = info.entry.nr == SYS_write && !is_path(caller, file);  // Of a sanitizer.
    const auto found = std::ranges::find(calls_on_files, info.entry.nr);
    return !is_memory && !is_pipe && found != calls_on_files.end();
  }

  static bool is_path(const Thread& caller, int file) {
    std::error_code error;
    const auto link = "/proc/" + std::to_string(caller.id) + "/fd/" + std::to_string(file);
    return std::filesystem::read_symlink(link, error).is_absolute();
  }

  [[nodiscard]] End end_of(int status) const {
    if (WIFSIGNALED(status))
      return has_fault_ && WTERMSIG(status) == SIGKILL ? End::killed : End::broken;
    if (WEXITSTATUS(status) == exit_not_permitted) return End::not_permitted;
    return WEXITSTATUS(status) == EXIT_SUCCESS ? End::exited : End::broken;
  }

  End give_up() {
    ::kill(child_, SIGKILL);
    int status = 0;
    while (wait(status) > 0) continue;
    return End::not_permitted;
  }

  pid_t child_;
  Fault fault_;
  OnCall on_call_;
  std::vector<Thread> threads_;
  bool has_fault_ = false;
};

}  // namespace relay::store
