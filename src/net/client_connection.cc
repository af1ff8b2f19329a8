#include "net/client_connection.h"

#include <algorithm>
#include <utility>

#include "http/forwarded.h"
#include "net/request_head_reader.h"

namespace relay::net {

Task<void> ClientConnection::run() {
  for (bool goes_on = true; goes_on;) {
    inbox_.forget_used();
    if (server_.is_stopping && inbox_.empty()) co_return;
    const Result<bool> asked = co_await read_request_head(server_, socket_, inbox_, head_);
    if (!asked) {
      co_await refuse(asked.error());
      co_return;
    }
    if (!*asked) co_return;

    ServerCounters::add_one(server_.counters.requests);
    client_ = http::client_address(peer_, head_.fields, server_.share.trusted_proxies);
    body_.begin(head_);
    response_.reset();
    Task<void> served = server_.service.serve(*this);
    co_await std::move(served);
    goes_on = co_await conclude();
    body_.drop();
    if (head_.fields.bytes() + head_.target.size() > limits::kept_string_bytes_max) head_ = {};
  }
}

// Whether another exchange may follow. Beyond an answer, the rest of its request must never be
// taken for another request.
Task<bool> ClientConnection::conclude() {
  if (!response_.is_finished()) {
    response_.cut();
    co_return false;
  }
  if (response_.keeps_alive() && !body_.has_ended()) {
    const bool has_ended = co_await body_.drain();
    if (has_ended) co_return true;
  }
  if (response_.keeps_alive() && body_.has_ended()) co_return true;
  co_await linger();
  co_return false;
}

void ClientConnection::begin(http::ResponseHead head) {
  const bool is_usable_again = body_.give_up();
  response_.begin(head, head_, head_.keep_alive && is_usable_again && !server_.is_stopping);
}

Task<void> ClientConnection::gone() {
  [[maybe_unused]] const bool has_left = co_await socket_.gone(no_deadline);
}

Task<void> ClientConnection::refuse(const Error& error) {
  ServerCounters::add_one(server_.counters.requests_refused);
  Refusal refusal = server_.service.refuse(error);
  refusal.head.length = refusal.body.size();
  response_.reset();
  const bool keep_alive = false;
  response_.begin(refusal.head, http::RequestHead{}, keep_alive);
  const Result<void> sent = co_await response_.send(refusal.body, true);
  if (sent) co_await linger();
}

// Were the socket closed with something unread, a reset might overtake the answer.
Task<void> ClientConnection::linger() {
  if (body_.has_ended() && inbox_.empty() && socket_.is_quiet()) co_return;
  socket_.shut_down_writing();
  const TimePoint deadline = server_.loop.now() + server_.limits.lingering_close_max;
  std::size_t left = server_.limits.lingering_close_bytes_max;
  while (left > 0) {
    const IoResult<Buffer> unread = co_await socket_.read(server_.buffers.stream, deadline);
    if (!unread || unread->empty()) co_return;
    left -= std::min(left, unread->bytes().size());
  }
}

}  // namespace relay::net
