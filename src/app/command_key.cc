#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands.h"
#include "app/local_client.h"

namespace relay::app {
namespace {

using http::Method;

const std::string keys_path = "/admin/api-keys";

std::string path_of(const std::string& id, std::string_view action = {}) {
  return keys_path + "/" + id + std::string{action};
}

void print_list(const Json& keys, const Terminal& terminal) {
  constexpr const char* row = "{:<36}  {:<19}  {:<20}  {:<9}  {:<12}  {:>14}  {:>14}  {:>12}\n";
  fmt::print(terminal.out, row, "ID", "PREFIX", "NAME", "STATE", "TIER", "TOKENS USED", "LIMIT",
             "COST USD");
  for (const Json& key : keys) {
    fmt::print(terminal.out, row, shown(key, "id"), shown(key, "key_prefix"), shown(key, "name"),
               shown(key, "status"), shown(key, "rate_limit_tier"), shown(key, "tokens_used"),
               shown(key, "token_limit"), shown(key, "cost_used_usd"));
  }
}

// What is said of the key; not what is not.
void print_key(const Json& key, const Terminal& terminal) {
  for (const auto& [name, value] : key.items()) {
    const bool says_nothing = value.is_null() || (value.is_array() && value.empty());
    if (says_nothing || name == "api_key") continue;
    fmt::print(terminal.out, "{:<28}  {}\n", name, shown(key, name.c_str()));
  }
}

std::string base_url(const Config& config) {
  if (!config.public_url.empty()) return config.public_url;
  return "http://" + to_string(reachable(config.listen.front()));
}

// For a shell: values are single-quoted, and none of them holds a quote.
void print_environment(const Json& key, const Config& config, const Terminal& terminal) {
  fmt::print(terminal.out, "export ANTHROPIC_BASE_URL='{}'\nexport ANTHROPIC_AUTH_TOKEN='{}'\n",
             base_url(config), shown(key, "api_key"));
}

// The text alone goes to `out`, so that a script can take it.
void print_secret(const Json& key, std::string_view what, const Terminal& terminal) {
  fmt::print(terminal.out, "{}\n", shown(key, "api_key"));
  fmt::print(terminal.err, "{} '{}', id {}; the key is shown this once\n", what, shown(key, "name"),
             shown(key, "id"));
}

int misused(const Terminal& terminal, const std::string& why) {
  fmt::print(terminal.err, "{}\n", why);
  return exit_usage;
}

struct Run {
  AdminAccess& access;
  const Config& config;
  const KeyOptions& options;
  const Terminal& terminal;

  int create() {
    const auto body = terms();
    if (!body) return misused(terminal, body.error());
    const bool is_batch = options.count.has_value();
    const auto made = ask_json(access, Method::post, keys_path + (is_batch ? "/batch" : ""), *body);
    if (!made) return fail(made.error(), terminal);
    if (options.prints_json) return print_json(*made);
    const Json keys = is_batch ? made->at("data") : Json::array({*made});
    for (const Json& key : keys) {
      if (options.prints_environment) {
        print_environment(key, config, terminal);
      } else {
        print_secret(key, "created", terminal);
      }
    }
    return exit_ok;
  }

  int list() {
    Target target = Target{keys_path}.with_all(options.filters);
    const Result<Json> keys = all_rows(access, std::move(target));
    if (!keys) return fail(keys.error(), terminal);
    if (options.prints_json) return print_json(*keys);
    print_list(*keys, terminal);
    return exit_ok;
  }

  int update(const std::string& id) {
    const auto body = terms();
    if (!body) return misused(terminal, body.error());
    return print(ask_json(access, Method::patch, path_of(id), *body));
  }

  int rotate(const std::string& id) {
    admin::JsonWriter body;
    body.begin_object().member("grace_seconds", options.grace_seconds).end();
    const auto key = ask_json(access, Method::post, path_of(id, "/rotate"), body.take());
    if (!key) return fail(key.error(), terminal);
    if (options.prints_json) return print_json(*key);
    print_secret(*key, "rotated", terminal);
    return exit_ok;
  }

  // Nothing is said of what has worked, unless it is asked for.
  int act(Method method, const std::string& target) {
    const Result<Json> done = ask_json(access, method, target);
    if (!done) return fail(done.error(), terminal);
    if (options.prints_json && !done->is_null()) return print_json(*done);
    return exit_ok;
  }

  int print(const Result<Json>& key) {
    if (!key) return fail(key.error(), terminal);
    if (options.prints_json) return print_json(*key);
    print_key(*key, terminal);
    return exit_ok;
  }

  int print_json(const Json& json) {
    fmt::print(terminal.out, "{}\n", json.dump());
    return exit_ok;
  }

  [[nodiscard]] std::expected<std::string, std::string> terms() const {
    admin::JsonWriter body;
    body.begin_object();
    if (options.count) body.member("count", *options.count);
    const auto written = options.terms.write(body);
    if (!written) return std::unexpected(written.error());
    body.end();
    return body.take();
  }

  int run() {
    if (options.action == KeyAction::create) return create();
    if (options.action == KeyAction::list) return list();
    const Result<std::string> id = find_key_id(access, options.key);
    if (!id) return fail(id.error(), terminal);
    switch (options.action) {
      case KeyAction::create:
      case KeyAction::list: break;
      case KeyAction::show: return print(ask_json(access, Method::get, path_of(*id)));
      case KeyAction::update: return update(*id);
      case KeyAction::rotate: return rotate(*id);
      case KeyAction::disable: return act(Method::post, path_of(*id, "/disable"));
      case KeyAction::enable: return act(Method::post, path_of(*id, "/enable"));
      case KeyAction::remove: return act(Method::delete_, path_of(*id));
    }
    __builtin_unreachable();
  }
};

}  // namespace

int run_key(const ConfigInputs& inputs, const KeyOptions& options, const Terminal& terminal) {
  return with_api(inputs, terminal, options.action == KeyAction::create,
                  [&](AdminAccess& access, const Config& config) {
                    return Run{access, config, options, terminal}.run();
                  });
}

}  // namespace relay::app
