#include "http/redactor.h"

#include <gtest/gtest.h>

namespace relay::http {
namespace {

std::string redacted(std::string_view secret, std::string_view text, std::size_t cut) {
  Redactor redactor{secret};
  std::string out;
  redactor.redact(text.substr(0, cut), out);
  redactor.redact(text.substr(cut), out);
  redactor.finish(out);
  return out;
}

void expect_everywhere(std::string_view secret, std::string_view text, std::string_view masked) {
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(redacted(secret, text, cut), masked) << text << " cut at " << cut;
  }
}

TEST(Redactor, MasksTheSecretWhereverTheStreamIsCut) {
  expect_everywhere("sk-ant-1", "key sk-ant-1, again sk-ant-1sk-ant-1.",
                    "key ********, again ****************.");
  expect_everywhere("sk-ant-1", "sk-ant-2 sk-sk-ant-1", "sk-ant-2 sk-********");
  expect_everywhere("sk-ant-1", "sk-ant-", "sk-ant-");
}

TEST(Redactor, KnowsSecretsThatRepeatThemselves) {
  expect_everywhere("aab", "aaab", "a***");
  expect_everywhere("abab", "abaabab", "aba****");
  expect_everywhere("aa", "aaaaa", "****a");
  expect_everywhere("abcabd", "abcabcabd", "abc******");
}

TEST(Redactor, MasksNothingWithoutASecret) {
  expect_everywhere("", "text", "text");
}

TEST(Redactor, HoldsBackLessThanTheSecret) {
  Redactor redactor{"sk-ant-1"};
  std::string out;
  redactor.redact("text sk-ant-", out);
  EXPECT_EQ(out, "text ");
  redactor.redact("x", out);
  EXPECT_EQ(out, "text sk-ant-x");
}

}  // namespace
}  // namespace relay::http
