#include "app/admin_access.h"

#include <nlohmann/json.hpp>

#include "admin/keys_api.h"
#include "admin/session.h"
#include "app/local_client.h"
#include "store/sqlite_store.h"

namespace relay::app {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto token_lifetime = 60s;

// What the relay says is wrong, in the shape of all its errors.
Error error_of(const LocalAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  std::string message = "the relay answered " + std::to_string(answer.status);
  if (body.is_object() && body.contains("error") && body["error"].is_object()) {
    message = body["error"].value("message", message);
  }
  return {.code = ErrorCode::internal, .origin = Origin::relay, .message = std::move(message)};
}

class RunningRelay final : public AdminAccess {
 public:
  RunningRelay(net::Endpoint relay, const Secret& secret_key, const Clock& clock)
      : relay_{relay}, secret_key_{secret_key}, clock_{clock} {}

  Result<std::string> create_key(const std::string& body) override {
    return ask(http::Method::post, "", body);
  }
  Result<std::string> all_keys() override { return ask(http::Method::get, ""); }
  Result<std::string> set_key_active(const std::string& uuid, bool is_active) override {
    return ask(http::Method::post, "/" + uuid + (is_active ? "/enable" : "/disable"));
  }
  Result<std::string> delete_key(const std::string& uuid) override {
    return ask(http::Method::delete_, "/" + uuid);
  }

 private:
  Result<std::string> ask(http::Method method, const std::string& below, std::string body = {}) {
    auto answer = ask_local({.to = relay_,
                             .method = method,
                             .target = "/admin/api-keys" + below,
                             .bearer = admin_token_for_cli(secret_key_, clock_),
                             .body = std::move(body)});
    if (!answer) return std::unexpected(answer.error());
    if (answer->status >= 300) return std::unexpected(error_of(*answer));
    return std::move(answer->body);
  }

  const net::Endpoint relay_;
  const Secret secret_key_;
  const Clock& clock_;
};

class OwnStore final : public AdminAccess {
 public:
  OwnStore(std::unique_ptr<core::Store> store, const Secret& secret_key, const Clock& clock)
      : store_{std::move(store)}, pepper_{secret_key}, keys_{*store_, pepper_, clock, [] {
                                                               return Result<void>{};
                                                             }} {}

  Result<std::string> create_key(const std::string& body) override {
    return body_of(keys_.create({.head = {}, .body = body, .peer = {}}));
  }
  Result<std::string> all_keys() override {
    return body_of(keys_.list({.head = {}, .body = {}, .peer = {}}));
  }
  Result<std::string> set_key_active(const std::string& uuid, bool is_active) override {
    return body_of(keys_.set_active(uuid, is_active));
  }
  Result<std::string> delete_key(const std::string& uuid) override {
    return body_of(keys_.remove(uuid));
  }

 private:
  static Result<std::string> body_of(Result<admin::Reply> reply) {
    if (!reply) return std::unexpected(reply.error());
    return std::move(reply->body);
  }

  std::unique_ptr<core::Store> store_;
  core::Pepper pepper_;
  admin::KeysApi keys_;
};

}  // namespace

Result<std::unique_ptr<AdminAccess>> open_admin_access(const Config& config,
                                                       const Secret& secret_key,
                                                       const Clock& clock) {
  const auto& listeners = config.admin.bind.empty() ? config.listen : config.admin.bind;
  const auto file = sqlite_file(config);
  if (file) {
    auto store = store::SqliteStore::open(*file, clock);
    if (store) return std::make_unique<OwnStore>(*std::move(store), secret_key, clock);
    if (store.error().code != ErrorCode::conflict) return std::unexpected(store.error());
  }
  return std::make_unique<RunningRelay>(reachable(listeners.front()), secret_key, clock);
}

std::string admin_token_for_cli(const Secret& secret_key, const Clock& clock) {
  return admin::Sessions{secret_key}.issue(clock.wall(), token_lifetime);
}

}  // namespace relay::app
