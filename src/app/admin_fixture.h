#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "admin/admin_api.h"
#include "admin/base64.h"
#include "app/price_directory.h"
#include "store/memory_store.h"

namespace relay::app {

inline const std::string test_password = "correct horse battery";

// The admin API over a store in memory, with somebody who is logged in.
struct AdminTest : testing::Test {
  ManualClock clock;
  store::MemoryStore store;
  core::Pepper pepper{Secret{"0123456789abcdef0123456789abcdef"}};
  admin::Sessions sessions{Secret{"0123456789abcdef0123456789abcdef"}};
  admin::Account account{store, sessions, Secret{std::string{test_password}}, clock};
  int changes = 0;  // How often the key table was told to follow.
  core::PriceBook prices;
  PricesConfig configured_prices;
  PriceDirectory price_directory{store, configured_prices, prices};
  std::vector<core::LedgerEntry> corrections;  // Of what keys were charged.
  admin::AdminApi api{{.store = store,
                       .pepper = pepper,
                       .clock = clock,
                       .sessions = sessions,
                       .account = account,
                       .zone = {},
                       .prices = prices,
                       .keys_changed =
                           [this] {
                             ++changes;
                             return Result<void>{};
                           },
                       .prices_changed = [this] { return price_directory.refresh(); },
                       .costs_corrected =
                           [this](std::span<const core::LedgerEntry> made) {
                             corrections.insert(corrections.end(), made.begin(), made.end());
                           }}};
  std::string token;

  AdminTest() {
    clock.set_wall(std::chrono::sys_days{std::chrono::year{2026} / 11 / 23});
    token = sessions.issue(clock.wall());
  }

  // A call as an administrator sends it.
  [[nodiscard]] admin::Call call(http::Method method, std::string target,
                                 std::string body = {}) const {
    admin::Call made = admin::command_call(method, std::move(target), std::move(body));
    if (!token.empty()) made.head.fields.add("authorization", "Bearer " + token);
    if (!made.body.empty()) made.head.fields.add("content-type", "application/json");
    return made;
  }
  [[nodiscard]] static admin::Call login_call(std::string_view password, std::uint8_t peer = 1) {
    admin::Call made = admin::command_call(http::Method::post, "/admin/login", {});
    made.head.fields.add("authorization",
                         "Basic " + admin::base64("admin:" + std::string{password}));
    made.peer.bytes[7] = peer;
    return made;
  }

  // What the API answers; its error as a body like {"failed": 404, "message": "..."}.
  nlohmann::json ask(http::Method method, std::string target, const std::string& body = {}) {
    return parse(api.answer(call(method, std::move(target), body)));
  }
  static nlohmann::json parse(const Result<admin::Reply>& reply) {
    if (!reply) {
      return {{"failed", static_cast<int>(reply.error().code)}, {"message", reply.error().message}};
    }
    return reply->body.empty() ? nlohmann::json{} : nlohmann::json::parse(reply->body);
  }
  std::optional<ErrorCode> failure(const Result<admin::Reply>& reply) {
    return reply ? std::nullopt : std::optional{reply.error().code};
  }
  std::string new_key(const std::string& body = R"({"name":"alice"})") {
    return ask(http::Method::post, "/admin/api-keys", body).at("id");
  }
  std::vector<core::AuditEntry> audit() { return store.page_of_audit({}, {}).value().rows; }
};

}  // namespace relay::app
