#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/admin_access.h"
#include "app/commands.h"
#include "app/local_client.h"
#include "app/secrets.h"
#include "base/json_text.h"

namespace relay::app {
namespace {

using nlohmann::json;

int fail(const Terminal& terminal, const Error& error) {
  fmt::print(terminal.err, "{}\n", error.message);
  if (!error.detail.empty()) fmt::print(terminal.err, "{}\n", error.detail);
  return exit_failure;
}

Error not_found(const std::string& message) {
  return {.code = ErrorCode::not_found, .origin = Origin::client, .message = message};
}

std::string text_of(const json& key, const char* name) {
  const auto found = key.find(name);
  if (found == key.end() || found->is_null()) return "-";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// Safe to show on a terminal, whatever somebody has called a key.
std::string shown(const json& key, const char* name) {
  std::string text;
  append_json_escaped(text, text_of(key, name));
  return text;
}

// What the API answers is JSON; what else answers at its port need not be.
Result<json> parse_reply(const Result<std::string>& reply) {
  if (!reply) return std::unexpected(reply.error());
  json parsed = json::parse(*reply, nullptr, false);
  if (parsed.is_structured()) return parsed;
  return std::unexpected(Error{.code = ErrorCode::internal,
                               .origin = Origin::relay,
                               .message = "the answer is not what a relay gives"});
}

void print_list(const json& keys, const Terminal& terminal) {
  fmt::print(terminal.out, "{:<36}  {:<19}  {:<20}  {:<8}  {:<12}  {:>14}  {:>14}\n", "ID",
             "PREFIX", "NAME", "STATE", "TIER", "TOKENS USED", "LIMIT");
  for (const json& key : keys) {
    fmt::print(terminal.out, "{:<36}  {:<19}  {:<20}  {:<8}  {:<12}  {:>14}  {:>14}\n",
               shown(key, "id"), shown(key, "key_prefix"), shown(key, "name"),
               key.value("is_active", false) ? "active" : "disabled", shown(key, "rate_limit_tier"),
               shown(key, "tokens_used"), shown(key, "token_limit"));
  }
}

std::string base_url(const Config& config) {
  if (!config.public_url.empty()) return config.public_url;
  return "http://" + to_string(reachable(config.listen.front()));
}

// For a shell: values are single-quoted, and none of them holds a quote.
void print_environment(const json& key, const Config& config, const Terminal& terminal) {
  fmt::print(terminal.out, "export ANTHROPIC_BASE_URL='{}'\nexport ANTHROPIC_AUTH_TOKEN='{}'\n",
             base_url(config), text_of(key, "api_key"));
}

void print_created(const json& key, const Terminal& terminal) {
  fmt::print(terminal.out, "{}\n", text_of(key, "api_key"));
  fmt::print(terminal.err, "created '{}', id {}; the key is shown this once\n", shown(key, "name"),
             shown(key, "id"));
}

Result<json> create(AdminAccess& access, const KeyOptions& options) {
  json body = {{"name", options.name}};
  if (!options.description.empty()) body["description"] = options.description;
  if (!options.tier.empty()) body["rate_limit_tier"] = options.tier;
  if (!options.expires_at.empty()) body["expires_at"] = options.expires_at;
  if (options.token_limit) body["token_limit"] = *options.token_limit;
  return parse_reply(access.create_key(body.dump()));
}

// The id of the one key that is meant.
Result<std::string> find_id(AdminAccess& access, const std::string& wanted) {
  const Result<json> keys = parse_reply(access.all_keys());
  if (!keys) return std::unexpected(keys.error());
  std::string id;
  for (const json& key : *keys) {
    const bool is_meant = text_of(key, "id") == wanted || text_of(key, "name") == wanted ||
                          text_of(key, "key_prefix") == wanted;
    if (!is_meant) continue;
    if (!id.empty()) {
      return std::unexpected(not_found(fmt::format("more than one key is called '{}'", wanted)));
    }
    id = text_of(key, "id");
  }
  if (id.empty()) return std::unexpected(not_found(fmt::format("there is no key '{}'", wanted)));
  return id;
}

Result<std::string> change(AdminAccess& access, const KeyOptions& options) {
  const Result<std::string> id = find_id(access, options.key);
  if (!id) return id;
  if (options.action == KeyAction::remove) return access.delete_key(*id);
  return access.set_key_active(*id, options.action == KeyAction::enable);
}

int run_create(AdminAccess& access, const Config& config, const KeyOptions& options,
               const Terminal& terminal) {
  const Result<json> key = create(access, options);
  if (!key) return fail(terminal, key.error());
  if (options.prints_json) {
    fmt::print(terminal.out, "{}\n", key->dump());
  } else if (options.prints_environment) {
    print_environment(*key, config, terminal);
  } else {
    print_created(*key, terminal);
  }
  return exit_ok;
}

int run_list(AdminAccess& access, const KeyOptions& options, const Terminal& terminal) {
  const Result<json> keys = parse_reply(access.all_keys());
  if (!keys) return fail(terminal, keys.error());
  if (options.prints_json) {
    fmt::print(terminal.out, "{}\n", keys->dump());
  } else {
    print_list(*keys, terminal);
  }
  return exit_ok;
}

int run_change(AdminAccess& access, const KeyOptions& options, const Terminal& terminal) {
  const Result<std::string> changed = change(access, options);
  if (!changed) return fail(terminal, changed.error());
  if (options.prints_json && !changed->empty()) fmt::print(terminal.out, "{}\n", *changed);
  return exit_ok;
}

// The first key may be created before the relay has ever run; for everything else it has.
std::expected<Secret, Problems> secret_key_for(KeyAction action, const Config& config) {
  if (action != KeyAction::create) {
    auto key = existing_secret_key(config);
    if (!key) return std::unexpected(Problems{key.error()});
    return *std::move(key);
  }
  auto secrets = station_secrets(config);
  if (!secrets) return std::unexpected(secrets.error());
  return std::move(secrets->secret_key);
}

}  // namespace

int run_key(const ConfigInputs& inputs, const KeyOptions& options, const Terminal& terminal) {
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  const Config& config = loaded->config;
  const auto secret_key = secret_key_for(options.action, config);
  if (!secret_key) {
    explain(secret_key.error(), terminal);
    return exit_bad_config;
  }
  const SystemClock clock;
  const auto access = open_admin_access(config, *secret_key, clock);
  if (!access) return fail(terminal, access.error());
  switch (options.action) {
    case KeyAction::create: return run_create(**access, config, options, terminal);
    case KeyAction::list: return run_list(**access, options, terminal);
    case KeyAction::disable:
    case KeyAction::enable:
    case KeyAction::remove: return run_change(**access, options, terminal);
  }
  __builtin_unreachable();
}

}  // namespace relay::app
