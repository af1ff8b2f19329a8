#include "net/client_connection.h"

#include <algorithm>
#include <utility>

#include "http/forwarded.h"
#include "net/request_head_reader.h"

namespace relay::net {

Task<void> ClientConnection::serve(std::unique_ptr<ClientConnection> client) {
  for (bool goes_on = true; goes_on;) {
    client->inbox_.forget_used();
    if (client->server_.is_stopping && client->inbox_.empty()) co_return;
    const Result<bool> asked = co_await client->next_request();
    if (!asked) {
      co_await client->refuse(asked.error());
      co_return;
    }
    if (!*asked) co_return;

    client->begin_request();
    Task<void> served = client->server_.service.serve(*client);
    co_await std::move(served);
    goes_on = co_await client->conclude();
    client->end_request();
  }
}

Task<Result<bool>> ClientConnection::next_request() {
  return read_request_head(server_, socket_, inbox_, head_);
}

void ClientConnection::begin_request() {
  ServerCounters::add_one(server_.counters.requests);
  method_ = head_->method;
  minor_version_ = head_->minor_version;
  keep_alive_ = head_->keep_alive;
  client_ = http::client_address(peer_, head_->fields, server_.share.trusted_proxies);
  body_ = std::make_unique<RequestBody>(server_, socket_, inbox_);
  body_->begin(*head_);
  response_.reset();
}

void ClientConnection::end_request() noexcept {
  drop_body();
  drop_head();
}

void ClientConnection::drop_body() noexcept {
  if (body_ == nullptr || !body_->has_ended()) return;
  body_->drop();
  body_.reset();
}

// Whether another exchange may follow. Beyond an answer, the rest of its request must never be
// taken for another request.
Task<bool> ClientConnection::conclude() {
  if (!response_.is_finished()) {
    response_.cut();
    co_return false;
  }
  if (response_.keeps_alive() && !has_whole_body()) {
    const bool has_ended = co_await body_->drain();
    if (has_ended) co_return true;
  }
  if (response_.keeps_alive() && has_whole_body()) co_return true;
  co_await linger();
  co_return false;
}

void ClientConnection::begin(const http::ResponseHead& head) {
  const bool is_usable_again = body_ == nullptr || body_->give_up();
  const http::RequestHead asked{.method = method_, .minor_version = minor_version_};
  response_.begin(head, asked, keep_alive_ && is_usable_again && !server_.is_stopping);
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
  if (has_whole_body() && inbox_.empty() && socket_.is_quiet()) co_return;
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
