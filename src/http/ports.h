#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/head.h"

// What the pipeline needs of a client and of an upstream, without sockets. Implemented by net/, and
// by scripted ends in tests.
namespace relay::http {

// A piece of a body, without its framing. Valid until the next call on where it came from.
struct Chunk {
  std::string_view bytes;
  bool is_last = false;  // The body ends with these bytes, which may be none.
};

// The head of an answer to a client. The connection adds what frames the body and what is its own:
// content-length or transfer-encoding, connection, date.
struct ResponseHead {
  int status = 200;
  std::string fields = {};  // Whole lines, "name: value\r\n" each. See add_field().
  std::optional<std::uint64_t> length = {};  // Of the body, where it is known beforehand.
};

inline void add_field(ResponseHead& head, std::string_view name, std::string_view value) {
  head.fields.append(name).append(": ").append(value).append("\r\n");
}

// Where a body comes from, piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;

  // client_gone, request_timeout, invalid_request (bad framing), request_too_large.
  virtual Task<Result<Chunk>> next_body() = 0;
};

// One request of a client, and the way to answer it: begin(), write() any number of times,
// finish() once. Once one of them has failed, the client is gone for good.
class ClientStream : public BodySource {
 public:
  [[nodiscard]] virtual const RequestHead& head() const noexcept = 0;

  // Whose request it is: the other end of the connection, or whom a trusted proxy speaks for. Not
  // known where such a proxy says nothing that can be read.
  [[nodiscard]] virtual Address peer() const noexcept = 0;

  // Whether a trusted proxy passed it on, so that its other X-Forwarded-* fields are true as well.
  [[nodiscard]] virtual bool is_proxied() const noexcept { return false; }

  // The client has shown a valid key: its connection does not count against its address any more.
  virtual void mark_authenticated() noexcept {}

  // The whole body, held for as long as the stream. Instead of next_body(), not after it.
  // request_too_large beyond `bytes_max`; overloaded when all requests together hold too much.
  virtual Task<Result<std::string_view>> read_body(std::size_t bytes_max) = 0;

  // The body that was read is not needed any more. An answer may take much longer than its
  // question, and thousands of questions are a lot of memory.
  virtual void drop_body() noexcept {}

  // Nor is its head: head() is not called any more. What begin() has to know of it is kept.
  virtual void drop_head() noexcept {}

  // Says what next_body() may give in all.
  virtual void limit_body(std::size_t bytes_max) = 0;

  // Keeps the head for the first bytes, so that both cost one system call. Until then, another head
  // may replace it.
  virtual void begin(const ResponseHead& head) = 0;

  // Sends the head, if it is still due, and these bytes, if any, at once.
  virtual Task<Result<void>> write(std::string_view bytes) = 0;

  // As write(), and the body is complete.
  virtual Task<Result<void>> finish(std::string_view bytes) = 0;

  // Ends the connection so that a client can tell that the body is not complete. Nothing can be
  // written afterwards.
  virtual void cut() noexcept = 0;

  // Returns when the client has closed or reset its side, or when must_end() has come true. At most
  // one coroutine waits here.
  virtual Task<void> gone() = 0;

  // The relay stops and waits no longer: this answer is to be ended where it is.
  [[nodiscard]] virtual bool must_end() const noexcept { return false; }
};

// Which of the configured upstreams.
enum class UpstreamId : std::uint16_t {};

// A request as it goes out. The views must stay where they are until open() has returned.
struct UpstreamRequest {
  std::string_view head;         // Complete, with its blank line.
  std::string_view body = {};    // Goes out with the head.
  BodySource* rest = nullptr;    // What follows, if the body is streamed,
  bool is_chunked = false;       // and whether it goes out in chunks.
  bool* was_sent = nullptr;      // Set once the upstream may have all of it, and so may bill it.
  bool expects_no_body = false;  // A HEAD request: its answer has no body whatever it says.
};

// The answer of an upstream: its head, then its body. Destroying it before the last chunk cancels
// the exchange at the upstream.
class Answer {
 public:
  virtual ~Answer() = default;
  [[nodiscard]] virtual const AnswerHead& head() const noexcept = 0;

  // The head is not needed any more: head() is not called again.
  virtual void drop_head() noexcept {}

  // upstream_timeout: nothing came by the deadline; may be called again.
  // upstream_unavailable: the upstream broke off. upstream_protocol: bad framing.
  virtual Task<Result<Chunk>> next(TimePoint deadline) = 0;
};

// Where requests go. One per event loop.
class Upstream {
 public:
  virtual ~Upstream() = default;

  // Connects or reuses a connection, sends the request and waits for the head of the answer.
  // upstream_unavailable: not reached, or broken off. upstream_timeout: no head by the deadline.
  // upstream_protocol: not HTTP as we accept it. Error::retry says what may be tried again;
  // errors of `rest` are passed on.
  virtual Task<Result<std::unique_ptr<Answer>>> open(UpstreamId upstream,
                                                     const UpstreamRequest& request,
                                                     TimePoint head_deadline) = 0;
};

}  // namespace relay::http
