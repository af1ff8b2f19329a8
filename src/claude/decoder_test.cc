#include "claude/decoder.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "claude/coded_fixture.h"

namespace relay::claude {
namespace {

using State = Decoder::State;

constexpr const char* codings[] = {"gzip", "deflate", "br", "zstd"};

// Text that does not shrink beyond what the bounds allow.
std::string varied_text(std::size_t bytes) {
  std::string text;
  for (std::uint32_t n = 1; text.size() < bytes; n = n * 1664525 + 1013904223) {
    text += std::to_string(n);
  }
  return text.substr(0, bytes);
}

struct Decoded {
  std::string text;
  State state = State::decoding;
};

Decoded decoded(std::string_view name, std::string_view body, std::size_t step) {
  Decoder decoder{*coding_of(name)};
  Decoded result;
  while (!body.empty()) {
    decoder.feed(body.substr(0, step));
    body.remove_prefix(std::min(step, body.size()));
    for (auto piece = decoder.next(); !piece.empty(); piece = decoder.next()) result.text += piece;
  }
  result.state = decoder.state();
  return result;
}

TEST(Coding, IsOneThatWeKnowOrNone) {
  EXPECT_EQ(coding_of(""), Coding::identity);
  EXPECT_EQ(coding_of("identity"), Coding::identity);
  EXPECT_EQ(coding_of("GZip"), Coding::gzip);
  EXPECT_EQ(coding_of("x-gzip"), Coding::gzip);
  EXPECT_EQ(coding_of("compress"), std::nullopt);
  EXPECT_EQ(coding_of("gzip, br"), std::nullopt);
  EXPECT_EQ(coding_of("gzip,"), std::nullopt);
}

TEST(Decoder, DecodesEveryCodingWhereverItIsCut) {
  const std::string text = varied_text(100'000);
  for (const auto* name : codings) {
    const std::string body = coded(name, text);
    for (const std::size_t step :
         {std::size_t{1}, std::size_t{7}, std::size_t{4096}, body.size()}) {
      const Decoded result = decoded(name, body, step);
      EXPECT_EQ(result.text, text) << name << " in steps of " << step;
      EXPECT_EQ(result.state, State::complete) << name << " in steps of " << step;
    }
  }
}

TEST(Decoder, PassesIdentityThrough) {
  EXPECT_EQ(decoded("identity", "abc", 2).text, "abc");
}

TEST(Decoder, ReadsDeflateWithoutItsWrapping) {
  const std::string text = varied_text(1'000);
  EXPECT_EQ(decoded("deflate", deflated(text, -15), 1).text, text);
}

TEST(Decoder, ReadsAllMembersAndFrames) {
  for (const auto* name : {"gzip", "zstd"}) {
    const std::string body = coded(name, "one ") + coded(name, "") + coded(name, "two");
    for (const std::size_t step : {std::size_t{1}, body.size()}) {
      const Decoded result = decoded(name, body, step);
      EXPECT_EQ(result.text, "one two") << name;
      EXPECT_EQ(result.state, State::complete) << name;
    }
  }
}

TEST(Decoder, IsNotCompleteWhileBytesAreMissing) {
  for (const auto* name : codings) {
    const std::string body = coded(name, "some text that is not all there");
    for (std::size_t size = 0; size < body.size(); ++size) {
      EXPECT_EQ(decoded(name, body.substr(0, size), 3).state, State::decoding) << name << size;
    }
  }
}

TEST(Decoder, RefusesWhatIsNotItsCodingOrFollowsIt) {
  for (const auto* name : codings) {
    EXPECT_EQ(decoded(name, "\xff\xff\xff\xff{\"model\":\"x\"}", 5).state, State::corrupt) << name;
    EXPECT_EQ(decoded(name, coded(name, "text") + "\x01trailing", 4).state, State::corrupt) << name;
  }
}

// A thousand times its size in every coding; what comes out stays within the bound.
TEST(Decoder, StopsABombAtAHundredTimesItsSize) {
  const std::string zeros(32 * limits::mib, '0');
  for (const auto* name : codings) {
    const std::string bomb = coded(name, zeros);
    ASSERT_LT(bomb.size() * 900, zeros.size()) << name;
    for (const std::size_t step : {std::size_t{100}, bomb.size()}) {
      const Decoded result = decoded(name, bomb, step);
      EXPECT_EQ(result.state, State::too_large) << name;
      EXPECT_LE(result.text.size(),
                std::max(bomb.size() * limits::decoded_ratio_max, limits::decoded_bytes_free));
    }
  }
}

TEST(Decoder, LetsASmallBodyShrinkAsMuchAsItLikes) {
  const std::string text(60'000, 'x');
  for (const auto* name : codings) EXPECT_EQ(decoded(name, coded(name, text), 10).text, text);
}

TEST(Decoder, StopsAtItsBoundHoweverLittleTheTextShrinks) {
  std::string body;
  const std::string member = gzipped(varied_text(8 * limits::mib));
  for (int n = 0; n < 9; ++n) body += member;
  const Decoded result = decoded("gzip", body, limits::mib);
  EXPECT_EQ(result.state, State::too_large);
  EXPECT_LE(result.text.size(), limits::decoded_bytes_max);
}

}  // namespace
}  // namespace relay::claude
