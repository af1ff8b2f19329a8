#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/frame_pool.h"
#include "http/ports.h"
#include "net/connection_gate.h"
#include "net/inbox.h"
#include "net/request_body.h"
#include "net/response_writer.h"
#include "net/server_context.h"
#include "net/socket.h"

namespace relay::net {

// One connection of a client: its requests, one after the other, each of which the service answers
// through this as its http::ClientStream. The next request is looked at when the answer to the last
// one is finished, so what a client sends ahead waits in the kernel.
//
// Belongs to one loop. Destroyed while an answer is on its way, it cuts that answer.
class ClientConnection final : public http::ClientStream, public InFramePool {
 public:
  ClientConnection(ServerContext& server, Socket socket, ConnectionGate::Pass pass) noexcept
      : server_{server},
        pass_{std::move(pass)},
        socket_{std::move(socket)},
        peer_{socket_.peer()},
        is_proxied_{contains(server.share.trusted_proxies, peer_)},
        client_{peer_},
        inbox_{server.buffers.small},
        response_{server, socket_} {
    server.live.push_back(live_);
  }
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection() override { response_.cut(); }

  // Serves until the client, or an answer, ends the connection.
  static Task<void> serve(std::unique_ptr<ClientConnection> client);

  // http::ClientStream. The body can be read until begin().

  [[nodiscard]] const http::RequestHead& head() const noexcept override { return *head_; }
  [[nodiscard]] Address peer() const noexcept override { return client_; }
  [[nodiscard]] bool is_proxied() const noexcept override { return is_proxied_; }
  void mark_authenticated() noexcept override { pass_.prove(); }
  Task<Result<http::Chunk>> next_body() override { return body_->next(); }
  Task<Result<std::string_view>> read_body(std::size_t bytes_max) override {
    return body_->read_all(bytes_max);
  }
  void limit_body(std::size_t bytes_max) override { body_->limit(bytes_max); }
  void drop_body() noexcept override;
  void drop_head() noexcept override { server_.buffers.requests.put_back(std::move(head_)); }
  void begin(const http::ResponseHead& head) override;
  Task<Result<void>> write(std::string_view bytes) override { return response_.send(bytes, false); }
  Task<Result<void>> finish(std::string_view bytes) override { return response_.send(bytes, true); }
  void cut() noexcept override { response_.cut(); }
  Task<void> gone() override;
  [[nodiscard]] bool must_end() const noexcept override { return live_.must_end; }

 private:
  [[nodiscard]] bool has_whole_body() const noexcept {
    return body_ == nullptr || body_->has_ended();
  }
  Task<Result<bool>> next_request();
  void begin_request();
  void end_request() noexcept;
  Task<bool> conclude();
  Task<void> refuse(const Error& error);
  Task<void> linger();

  ServerContext& server_;
  ConnectionGate::Pass pass_;
  Socket socket_;
  LiveClient live_{socket_};
  const Address peer_;
  const bool is_proxied_;
  Address client_;  // Of this request.
  Inbox inbox_;
  std::unique_ptr<http::RequestHead> head_;  // Until nobody needs it any more; and what is of it
  http::Method method_ = http::Method::get;  // needed for the head of the answer.
  int minor_version_ = 1;
  bool keep_alive_ = false;
  std::unique_ptr<RequestBody> body_;  // Until it has ended and nobody needs it any more.
  ResponseWriter response_;
};

}  // namespace relay::net
