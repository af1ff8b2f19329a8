#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "app/api_client.h"
#include "app/commands.h"
#include "app/name_rules.h"
#include "base/limits.h"

namespace relay::app {
namespace {

// Nothing that is typed is shown while this lives, if it is a terminal at all.
class NoEcho {
 public:
  explicit NoEcho(int descriptor) : descriptor_{descriptor} {
    is_terminal_ = ::tcgetattr(descriptor_, &before_) == 0;
    if (!is_terminal_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(descriptor_, TCSAFLUSH, &silent);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (is_terminal_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }

 private:
  int descriptor_;
  bool is_terminal_ = false;
  termios before_ = {};
};

std::string read_line(std::FILE* in) {
  std::array<char, 4 * limits::password_characters_max + 2> buffer = {};
  if (std::fgets(buffer.data(), static_cast<int>(buffer.size()), in) == nullptr) return {};
  std::string line{buffer.data()};
  ::explicit_bzero(buffer.data(), buffer.size());
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  return line;
}

// From a person twice, from a program once. Empty: the two differ.
std::string ask_password(const Terminal& terminal) {
  const NoEcho silence{::fileno(terminal.in)};
  if (!silence.is_terminal()) return read_line(terminal.in);
  fmt::print(terminal.err, "New administrator password: ");
  std::fflush(terminal.err);
  std::string first = read_line(terminal.in);
  fmt::print(terminal.err, "\nOnce more: ");
  std::fflush(terminal.err);
  const std::string second = read_line(terminal.in);
  fmt::print(terminal.err, "\n");
  return first == second ? first : "";
}

}  // namespace

int run_admin_passwd(const ConfigInputs& inputs, const Terminal& terminal) {
  return with_api(inputs, terminal, false, [&](AdminAccess& access, const Config&) {
    const std::string password = ask_password(terminal);
    if (password.empty()) {
      fmt::print(terminal.err, "no password, or two different ones\n");
      return static_cast<int>(exit_failure);
    }
    if (!is_one_line_text(password)) {  // JSON would change it on the way.
      fmt::print(
          terminal.err,
          "the password is not UTF-8, or has control characters: type it in a terminal whose "
          "locale is UTF-8\n");
      return static_cast<int>(exit_failure);
    }
    admin::JsonWriter body;
    body.begin_object().member("new", password).end();
    const Result<std::string> done = access.ask(http::Method::post, "/admin/password", body.take());
    if (!done) return fail(done.error(), terminal);
    fmt::print(terminal.err, "the password is set, and all sessions have ended\n");
    return static_cast<int>(exit_ok);
  });
}

}  // namespace relay::app
