#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <exception>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "store/plain_key_fixture.h"

namespace relay::store {

// What dice choose in a test, and what came of it: told when the test fails, or when an assertion
// of the code or worse ends the process. One at a time.
class Script {
 public:
  explicit Script(std::uint64_t seed, std::string_view variable)
      : dice_{seed}, text_{fmt::format("{}={}:", variable, seed)} {
    present_ = this;
    struct sigaction action = {};
    action.sa_handler = &tell_of_crash;
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &action, &before_[i]);
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() {
    give_signals_back();
    if (testing::Test::HasFailure() || std::uncaught_exceptions() != 0) tell();
  }

  [[nodiscard]] Dice& dice() noexcept { return dice_; }
  std::uint64_t below(std::uint64_t n) { return dice_.below(n); }

  template <typename... Values>
  void note(fmt::format_string<Values...> format, Values&&... values) {
    text_ += ' ';
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }

 private:
  static constexpr std::array signals = {SIGABRT, SIGSEGV};

  // Whoever was to hear of it hears of it next: what has crashed does so again.
  static void tell_of_crash(int) {
    present_->tell();
    present_->give_signals_back();
  }
  void tell() const noexcept {
    const bool is_told = ::write(STDERR_FILENO, text_.data(), text_.size()) > 0;
    if (is_told) std::ignore = ::write(STDERR_FILENO, "\n", 1);
  }
  void give_signals_back() const noexcept {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }

  static inline const Script* present_ = nullptr;
  Dice dice_;
  std::string text_;
  std::array<struct sigaction, signals.size()> before_ = {};
};

}  // namespace relay::store
