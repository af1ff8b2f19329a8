#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "store/postgres.h"
#include "store/store_fixture.h"

namespace relay::store {

// A PostgreSQL server of this test program alone, in a temporary directory and behind a Unix socket
// there. It does not sync: what is tested is us. It goes with the program, however that ends.
class PostgresServer {
 public:
  PostgresServer() {
    find_programs();
    if (user_ != nullptr && ::chown(directory_.path().c_str(), user_->pw_uid, user_->pw_gid) != 0) {
      std::abort();
    }
    run({programs_ / "initdb", "--pgdata", data(), "--username=relay", "--auth=trust", "--no-sync",
         "--encoding=UTF8", "--locale=C.UTF-8"});
    start();
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer() { stop(); }

  void start() {
    process_ =
        spawn({programs_ / "postgres", "-D", data(), "-k", directory_.path(), "-c",
               "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60", "-c",
               "shared_buffers=512MB", "-c", "full_page_writes=off", "-c", "autovacuum=off"});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (PostgresConnection::is_away(url())) {
      if (std::chrono::steady_clock::now() > deadline) std::abort();
      ::poll(nullptr, 0, 20);
    }
  }

  // Ends every connection. What was committed stays.
  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGINT);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

  // Of a schema in which nothing is, or of none.
  [[nodiscard]] std::string url(const std::string& schema = "public") const {
    return "postgresql://relay@/postgres?host=" + directory_.path().string() +
           "&options=-csearch_path%3D" + schema;
  }
  std::string url_of_new_schema() {
    const std::string schema = "test_" + std::to_string(++schemas_);
    EXPECT_TRUE(PostgresConnection::open(url()).value()->execute("CREATE SCHEMA " + schema));
    return url(schema);
  }
  [[nodiscard]] std::string url_of_last_schema() const {
    return url("test_" + std::to_string(schemas_));
  }
  // What all of its processes have taken so far.
  [[nodiscard]] std::chrono::nanoseconds processor_time() const {
    std::chrono::nanoseconds sum{0};
    for (const auto& process : std::filesystem::directory_iterator{"/proc"}) {
      std::ifstream stat{process.path() / "stat"};
      std::string ignored;
      pid_t parent = 0;
      if (!(stat >> ignored >> ignored >> ignored >> parent) || parent != process_) continue;
      std::int64_t spent = 0;
      std::ifstream{process.path() / "schedstat"} >> spent;
      sum += std::chrono::nanoseconds{spent};
    }
    return sum;
  }
  [[nodiscard]] std::string socket() const { return directory_.path() / ".s.PGSQL.5432"; }

 private:
  [[nodiscard]] std::string data() const { return directory_.path() / "data"; }

  void find_programs() {
    const std::filesystem::path root = "/usr/lib/postgresql";
    if (std::filesystem::exists(root)) {
      for (const auto& version : std::filesystem::directory_iterator{root}) {
        if (std::filesystem::exists(version.path() / "bin" / "initdb")) {
          programs_ = version.path() / "bin";
        }
      }
    }
    if (programs_.empty()) {
      ADD_FAILURE() << "no PostgreSQL server: apt-get install postgresql";
      std::abort();
    }
    // The server refuses to be root.
    if (::geteuid() == 0) user_ = ::getpwnam("postgres");
    if (::geteuid() == 0 && user_ == nullptr) user_ = ::getpwnam("nobody");
  }

  pid_t spawn(const std::vector<std::string>& command) {
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (user_ != nullptr && (::setgid(user_->pw_gid) != 0 || ::setuid(user_->pw_uid) != 0)) {
      ::_exit(126);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (::getppid() != parent || ::chdir("/") != 0) ::_exit(126);
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
    const std::string log = directory_.path() / "log";
    if (std::freopen(log.c_str(), "a", stderr) == nullptr) ::_exit(126);
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  void run(const std::vector<std::string>& command) {
    int status = 0;
    if (::waitpid(spawn(command), &status, 0) < 0 || status != 0) std::abort();
  }

  TemporaryDirectory directory_;
  std::filesystem::path programs_;
  const passwd* user_ = nullptr;
  pid_t process_ = 0;
  int schemas_ = 0;
};

// The one server of the program, started when it is first asked for.
inline PostgresServer& postgres_server() {
  static PostgresServer server;
  return server;
}

}  // namespace relay::store
