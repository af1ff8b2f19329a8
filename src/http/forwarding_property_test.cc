#include <gtest/gtest.h>

#include <random>
#include <string>

#include "http/forwarding.h"
#include "http/head_generator.h"
#include "http/head_parser.h"

namespace relay::http {
namespace {

constexpr int heads = 20'000;

BodyFraming random_framing(HeadGenerator& generator) {
  switch (generator.below(3)) {
    case 0: return {};
    case 1: return {Framing::length, 1 + generator.below(1000)};
    default: return {Framing::chunked, 0};
  }
}

// Reads `bytes` as an upstream would and checks that it is the one request that was meant.
void expect_one_request(std::string_view bytes, const RequestHead& request,
                        const UpstreamTarget& target, BodyFraming body) {
  RequestHead read;
  const auto parsed = parse_request_head(bytes, read);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  ASSERT_EQ(*parsed, bytes.size());
  EXPECT_EQ(read.method, request.method);
  EXPECT_EQ(read.target, request.target);
  EXPECT_EQ(read.fields.count("host"), 1);
  EXPECT_EQ(read.fields.find("host"), target.host);
  EXPECT_EQ(read.fields.count("x-api-key") + read.fields.count("authorization"), 1);
  EXPECT_TRUE(read.fields.find("x-api-key") == "sk-ant-1" ||
              read.fields.find("authorization") == "Bearer sk-ant-1");
  for (const char* name : {"cookie", "proxy-authorization", "api-key", "x-forwarded-for", "via"}) {
    EXPECT_EQ(read.fields.count(name), 0) << name;
  }
  EXPECT_TRUE(read.keep_alive);
  EXPECT_FALSE(read.expects_continue);
  if (body.kind != Framing::none) {
    EXPECT_EQ(read.body, body);
  } else {
    EXPECT_EQ(read.body.length, 0);
  }
  for (const FieldView field : read.fields) {
    EXPECT_FALSE(field.name.text().contains('_')) << field.name.text();
  }
}

// A client that can make its request look like two, or keep its own credential in it, or bring a
// second one, owns the relay's connection to the upstream.
TEST(WriteUpstreamHead, IsReadAsExactlyOneRequestWithOneCredentialWhateverCameIn) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  HeadGenerator generator{seed};
  int accepted = 0;
  for (int i = 0; i < heads && !HasFatalFailure(); ++i) {
    const std::string bytes = generator.next();
    RequestHead request;
    const auto parsed = parse_request_head(bytes, request);
    if (!parsed || !*parsed) continue;
    ++accepted;
    SCOPED_TRACE(bytes);
    const UpstreamTarget target{.host = "up.example:8443",
                                .scheme = static_cast<CredentialScheme>(generator.below(3)),
                                .credential = "sk-ant-1",
                                .forward_headers = static_cast<ForwardHeaders>(generator.below(2))};
    const bool may_have_body = request.method != Method::get && request.method != Method::head &&
                               request.method != Method::options;
    const BodyFraming body = may_have_body ? random_framing(generator) : BodyFraming{};
    FrameText out;
    write_upstream_head(request, target, body, out);
    expect_one_request(out, request, target, body);
  }
  EXPECT_GT(accepted, heads / 100) << "the generator makes too few valid heads";
}

}  // namespace
}  // namespace relay::http
