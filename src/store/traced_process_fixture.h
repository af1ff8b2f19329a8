#pragma once

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <vector>

namespace relay::store {

// Where a process is killed: after so many system calls of one of its threads. Threads have numbers
// in the order in which they began, from 0; calls from 1.
struct KillPoint {
  std::size_t thread = 0;
  std::size_t call = 1;
};

// A child process of which every system call is seen, whoever makes it, and which is killed after
// the one that a KillPoint names. By ptrace, which a container may forbid. One at a time.
//
// Only calls that somebody else could notice are counted. How often a thread waits for another is a
// matter of chance.
class TracedProcess {
 public:
  enum class End : std::uint8_t {
    killed,  // At the point.
    exited,  // There is no such point: it came to its end.
    broken,  // It crashed, or did not end in time.
    not_permitted
  };

  // Runs `body` in a child process. Calls are counted from where that calls be_traced().
  static End run(const std::function<void()>& body, KillPoint point) {
    const pid_t child = ::fork();
    if (child < 0) return End::broken;
    if (child == 0) {
      ::setpgid(0, 0);
      ::alarm(time_max_s);
      body();
      ::_exit(EXIT_SUCCESS);
    }
    return TracedProcess{child, point}.follow();
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
    std::uint64_t call = no_call;  // That it is in.
    std::size_t calls = 0;
  };
  static constexpr std::uint64_t no_call = UINT64_MAX;

  TracedProcess(pid_t child, KillPoint point) : child_{child}, point_{point} {}

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
        if (!on_stop(id, status)) return give_up();
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

  // False: this cannot be traced.
  bool on_stop(pid_t id, int status) {
    const int signal = WSTOPSIG(status);
    Thread& stopped = thread(id);
    if (signal == (SIGTRAP | 0x80)) {
      if (!on_call(stopped)) return false;
      resume(id, 0);
    } else if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_CLONE << 8))) {
      unsigned long made = 0;
      ::ptrace(PTRACE_GETEVENTMSG, id, nullptr, &made);
      thread(static_cast<pid_t>(made));
      resume(id, 0);
    } else {
      resume(id, signal == SIGSTOP ? 0 : signal);  // Every thread begins stopped.
    }
    return true;
  }

  bool on_call(Thread& thread) {
    __ptrace_syscall_info info = {};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread.id, sizeof(info), &info) <= 0) return false;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) thread.call = info.entry.nr;
    if (info.op != PTRACE_SYSCALL_INFO_EXIT) return true;
    if (is_counted(thread.call)) ++thread.calls;
    thread.call = no_call;
    const bool is_there = &thread == &threads_.at(0) + point_.thread;
    if (is_there && thread.calls == point_.call) was_killed_ = ::kill(child_, SIGKILL) == 0;
    return true;
  }

  static bool is_counted(std::uint64_t call) {
    return call != no_call && call != SYS_futex && call != SYS_sched_yield;
  }

  // A thread is seen before another one is begun, so they come in their order.
  Thread& thread(pid_t id) {
    for (Thread& known : threads_) {
      if (known.id == id) return known;
    }
    return threads_.emplace_back(id);
  }

  [[nodiscard]] End end_of(int status) const {
    if (was_killed_) return End::killed;
    if (!WIFEXITED(status)) return End::broken;
    if (WEXITSTATUS(status) == exit_not_permitted) return End::not_permitted;
    return WEXITSTATUS(status) == EXIT_SUCCESS ? End::exited : End::broken;
  }

  End give_up() {
    ::kill(child_, SIGKILL);
    for (int status = 0; wait(status) > 0;) continue;
    return End::not_permitted;
  }

  pid_t child_;
  KillPoint point_;
  std::vector<Thread> threads_;
  bool was_killed_ = false;
};

}  // namespace relay::store
