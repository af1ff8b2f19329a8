#include "app/admin_access.h"

#include <nlohmann/json.hpp>

#include "admin/admin_api.h"
#include "app/local_client.h"
#include "app/price_directory.h"
#include "store/open_store.h"

namespace relay::app {
namespace {

using nlohmann::json;

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
  // `why` the store is not for us: another process uses it, or it is of another version.
  RunningRelay(net::Endpoint relay, const Secret& secret_key, const Clock& clock, std::string why)
      : relay_{relay}, sessions_{secret_key}, clock_{clock}, why_{std::move(why)} {}

  Result<std::string> ask(http::Method method, const std::string& target,
                          const std::string& body) override {
    auto answer = ask_local({.to = relay_,
                             .method = method,
                             .target = target,
                             .bearer = sessions_.issue_local(clock_.wall()),
                             .body = body});
    if (!answer) {
      Error error = answer.error();
      error.detail += "; " + why_;
      return std::unexpected(std::move(error));
    }
    if (answer->status >= 300) return std::unexpected(error_of(*answer));
    return std::move(answer->body);
  }

 private:
  const net::Endpoint relay_;
  const admin::Sessions sessions_;
  const Clock& clock_;
  const std::string why_;
};

// No relay runs: the same API in this process. Keys are changed in the store only, where the relay
// finds them when it starts.
class OwnStore final : public AdminAccess {
 public:
  OwnStore(std::unique_ptr<core::Store> store, const Config& config, const Secret& secret_key,
           const Clock& clock)
      : store_{std::move(store)},
        pepper_{secret_key},
        price_directory_{*store_, config.prices, prices_},
        sessions_{secret_key},
        account_{*store_, sessions_, config.admin.password, clock},
        api_{{.store = *store_,
              .pepper = pepper_,
              .clock = clock,
              .sessions = sessions_,
              .account = account_,
              .zone = config.time_zone,
              .prices = prices_,
              .keys_changed = [] { return Result<void>{}; },
              .prices_changed = [this] { return price_directory_.refresh(); }}} {}

  Result<void> open(const Config& config, const Clock& clock) {
    const Result<void> account = account_.open();
    if (!account) return account;
    const Result<void> priced = price_directory_.refresh();
    if (!priced) return priced;
    return admin::put_configured_tiers(*store_, configured_tiers(config), clock.wall());
  }

  Result<std::string> ask(http::Method method, const std::string& target,
                          const std::string& body) override {
    Result<admin::Reply> reply = api_.answer_command(admin::command_call(method, target, body));
    if (!reply) return std::unexpected(reply.error());
    return std::move(reply->body);
  }

 private:
  const std::unique_ptr<core::Store> store_;
  const core::Pepper pepper_;
  core::PriceBook prices_;
  PriceDirectory price_directory_;
  admin::Sessions sessions_;
  admin::Account account_;
  admin::AdminApi api_;
};

}  // namespace

Result<std::unique_ptr<AdminAccess>> open_admin_access(const Config& config,
                                                       const Secret& secret_key,
                                                       const Clock& clock) {
  const auto& listeners = config.admin.bind.empty() ? config.listen : config.admin.bind;
  auto store = store::open_store(store_url(config), clock);
  if (store) {
    auto own = std::make_unique<OwnStore>(*std::move(store), config, secret_key, clock);
    const Result<void> opened = own->open(config, clock);
    if (!opened) return std::unexpected(opened.error());
    return own;
  }
  if (store.error().code != ErrorCode::conflict) return std::unexpected(store.error());
  return std::make_unique<RunningRelay>(reachable(listeners.front()), secret_key, clock,
                                        store.error().detail);
}

}  // namespace relay::app
