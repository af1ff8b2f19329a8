#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/frame_pool.h"
#include "http/body_decoder.h"
#include "http/head.h"
#include "http/ports.h"
#include "net/head_progress.h"
#include "net/stream.h"

namespace relay::net {

class UpstreamPool;

// One request on its way to an upstream, and then the answer to it.
//
// It holds a buffer only while bytes of the answer are in hand. When the end of the answer has come
// its connection goes back to the pool, if it can carry another exchange; destroyed earlier it
// closes the connection, which cancels the exchange at the upstream.
//
// Belongs to the loop of its pool, which outlives it.
class UpstreamExchange final : public http::Answer, public InFramePool {
 public:
  UpstreamExchange(UpstreamPool& pool, http::UpstreamId upstream, Stream stream) noexcept
      : pool_{pool}, upstream_{upstream}, stream_{std::move(stream)} {}
  UpstreamExchange(const UpstreamExchange&) = delete;
  UpstreamExchange& operator=(const UpstreamExchange&) = delete;
  ~UpstreamExchange() override;

  // Sends the request and waits for the head of the answer: see http::Upstream. Once, and first.
  // Retry::same_upstream: the connection broke before a byte of an answer had come.
  Task<Result<void>> begin(const http::UpstreamRequest& request, TimePoint head_deadline);

  [[nodiscard]] const http::AnswerHead& head() const noexcept override { return *head_; }
  void drop_head() noexcept override;
  Task<Result<http::Chunk>> next(TimePoint deadline) override;

 private:
  struct GrowingHead {
    bool expects_no_body;
    HeadProgress progress = {};
    std::size_t fresh = 0;  // Of its bytes, since it was looked at last.
    int interim_answers = 0;
  };

  Task<Result<void>> send(const http::UpstreamRequest& request, TimePoint& deadline);
  Task<Result<void>> send_rest(const http::UpstreamRequest& request);
  Task<Result<void>> read_head(bool expects_no_body, TimePoint deadline);
  [[nodiscard]] Result<bool> parse_head(GrowingHead& growing);
  Task<IoResult<std::size_t>> read_more_head(TimePoint deadline);
  [[nodiscard]] Result<void> take(IoResult<Buffer> received);
  [[nodiscard]] Result<http::Chunk> decode();
  [[nodiscard]] std::string_view view() const noexcept { return {rest_.data(), rest_.size()}; }
  [[nodiscard]] TimePoint gathered_until() const noexcept;
  void note_read() noexcept;
  void begin_body() noexcept;
  void end() noexcept;
  void close() noexcept { stream_.reset(); }

  UpstreamPool& pool_;
  http::UpstreamId upstream_;
  std::optional<Stream> stream_;            // Until the end of the answer, or its failure.
  std::unique_ptr<http::AnswerHead> head_;  // Until nobody needs it any more.
  std::optional<http::BodyDecoder> decoder_;
  bool ends_with_connection_ = false;  // Framing::until_close,
  bool is_of_known_length_ = false;    // Framing::length
  bool keep_alive_ = false;            // The upstream is ready for another exchange.
  bool has_ended_ = false;
  bool was_sent_whole_ = false;  // The connection is where the next request may begin.
  bool has_been_heard_ = false;  // A byte of an answer has come.
  bool is_in_burst_ = false;     // What was read last came soon after what was read before,
  TimePoint last_read_{};        // and then.

  Buffer buffer_;         // What was received last,
  std::string spill_;     // or the head, if it came in several pieces,
  std::span<char> rest_;  // and what is not used of either.
};

}  // namespace relay::net
