#include "http/scan.h"

#include <gtest/gtest.h>

#include <string>

namespace relay::http {
namespace {

// Every byte at every place among others, so that both the fast and the slow way see it.
TEST(Scan, FindsWhatTheTableFinds) {
  for (const char around : {'a', 'Z', '-', '_', '\t', '\xff', ' ', ':'}) {
    for (std::size_t at = 0; at < 40; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text(40, around);
        text[at] = static_cast<char>(c);
        ASSERT_EQ(run_of_field_text(text), run_of(CharClass::field_text, text))
            << "byte " << c << " at " << at << " among " << int{around};
        ASSERT_EQ(run_of_token(text), run_of(CharClass::token, text))
            << "byte " << c << " at " << at << " among " << int{around};
      }
    }
  }
}

}  // namespace
}  // namespace relay::http
