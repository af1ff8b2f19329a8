// No exchange allocates in the steady state, from the client's bytes to the upstream's and back.
#include <gtest/gtest.h>

#include "base/allocation_fixture.h"
#include "base/frame_pool.h"
#include "http/forwarding.h"
#include "net/relaying_fixture.h"

namespace relay::net {
namespace {

constexpr std::string_view head = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3000\r\n\r\n";

// Passes requests on whose body comes with their head, and their answers back; has no more to do
// with memory than it must.
struct PlainService final : Service {
  explicit PlainService(UpstreamPool& its_pool) noexcept : pool{its_pool} {}

  Task<void> serve(http::ClientStream& client) override {
    const Result<std::string_view> body = co_await client.read_body(limits::request_body_bytes_max);
    const http::UpstreamRequest request{.head = head, .body = *body};
    const auto answer = co_await pool.open(http::UpstreamId{0}, request, no_deadline);
    client.begin({.length = http::announced_length((*answer)->head())});
    for (bool is_last = false; !is_last;) {
      const Result<http::Chunk> chunk = co_await (*answer)->next(no_deadline);
      is_last = chunk->is_last;
      Task<Result<void>> writing =
          is_last ? client.finish(chunk->bytes) : client.write(chunk->bytes);
      const Result<void> written = co_await std::move(writing);
      EXPECT_TRUE(written);
    }
  }
  Refusal refuse(const Error&) override { return {}; }

  UpstreamPool& pool;
};

struct AllocationsOfAConnection : RelayingFixture<PlainService> {
  void SetUp() override {
    if (!detail::keeps_frames) GTEST_SKIP() << "a sanitizer wants to see every coroutine frame";
  }

  // One exchange whose answer comes in these pieces. What the test's own ends allocate is not
  // counted.
  void exchange(const std::vector<std::string_view>& pieces) {
    client.send(request);
    count_turns();
    if (!upstream) upstream = origin.accept();
    ASSERT_TRUE(upstream && until([&] { return upstream->hear() == request; }));
    upstream->take_heard();
    for (const std::string_view piece : pieces) {
      clock.advance(limits::burst_gap);
      upstream->send(piece);
      count_turns();
    }
    ASSERT_TRUE(until([&] { return client.hear().ends_with(end_of(pieces.back())); }));
    client.take_heard();
  }
  static std::string_view end_of(std::string_view piece) {
    return piece.substr(piece.size() - 5);  // Of a body, whatever its head.
  }
  void count_turns() {
    if (counted) AllocationCount::current() = &*counted;
    turn();
    AllocationCount::current() = nullptr;
  }
  std::size_t count(const std::vector<std::string_view>& pieces) {
    for (int i = 0; i < 20 && !HasFatalFailure(); ++i) exchange(pieces);
    counted.emplace();
    counted->stop();
    exchange(pieces);
    return counted->count();
  }

  std::string request = std::string{head} + std::string(3000, 'q');
  Peer client = Peer::connect(port);
  std::optional<Peer> upstream;
  std::optional<AllocationCount> counted;
};

TEST_F(AllocationsOfAConnection, AreNoneForAWholeAnswer) {
  EXPECT_EQ(count({"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"}), 0u) << counted->places();
}

TEST_F(AllocationsOfAConnection, AreNoneForAStream) {
  EXPECT_EQ(count({"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "3\r\none\r\n",
                   "3\r\ntwo\r\n", "0\r\n\r\n"}),
            0u)
      << counted->places();
}

}  // namespace
}  // namespace relay::net
