#include "app/api_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/commands.h"
#include "app/secrets.h"
#include "base/json_text.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace relay::app {
namespace {

Error mistake(ErrorCode code, std::string message) {
  return {.code = code, .origin = Origin::client, .message = std::move(message)};
}

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

bool is_uuid(std::string_view text) noexcept {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdef-") == text.npos;
}

// The first key may be created before the relay has ever run; for everything else it has.
std::expected<Secret, Problems> secret_key_for(const Config& config, bool may_be_new) {
  if (!may_be_new) {
    auto key = existing_secret_key(config);
    if (!key) return std::unexpected(Problems{key.error()});
    return *std::move(key);
  }
  auto secrets = station_secrets(config);
  if (!secrets) return std::unexpected(secrets.error());
  return std::move(secrets->secret_key);
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_plain(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

Target& Target::with(std::string_view name, std::string_view value) {
  if (!value.empty()) add(name, value);
  return *this;
}

Target& Target::with_all(const std::map<std::string, std::string>& given) {
  for (const auto& [name, value] : given) add(name, value);
  return *this;
}

void Target::add(std::string_view name, std::string_view value) {
  text_ += std::exchange(has_query_, true) ? '&' : '?';
  text_.append(name) += '=';
  text_ += percent_encoded(value);
}

Result<Json> ask_json(AdminAccess& access, http::Method method, const std::string& target,
                      const std::string& body) {
  const Result<std::string> reply = access.ask(method, target, body);
  if (!reply) return std::unexpected(reply.error());
  if (reply->empty()) return Json{};
  Json parsed = Json::parse(*reply, nullptr, false);
  if (parsed.is_structured()) return parsed;
  return std::unexpected(mistake(ErrorCode::internal, "the answer is not what a relay gives"));
}

Result<void> each_page(AdminAccess& access, Target target,
                       const std::function<void(const Json& rows)>& take) {
  target.with("limit", std::to_string(limits::page_rows_max));
  std::string after;
  do {
    const Result<Json> page =
        ask_json(access, http::Method::get, Target{target}.with("after", after).text());
    if (!page) return std::unexpected(page.error());
    take(page->at("data"));
    after = page->at("next").is_null() ? "" : page->at("next").get<std::string>();
  } while (!after.empty());
  return {};
}

Result<Json> all_rows(AdminAccess& access, Target target) {
  Json all = Json::array();
  const auto take = [&](const Json& rows) {
    for (const Json& row : rows) {
      if (all.size() < limits::command_rows_max) all.push_back(row);
    }
  };
  const Result<void> taken = each_page(access, std::move(target), take);
  if (!taken) return std::unexpected(taken.error());
  return all;
}

Result<std::string> find_key_id(AdminAccess& access, const std::string& wanted) {
  if (is_uuid(wanted)) return wanted;
  if (count_code_points(wanted) > limits::key_name_characters_max) {
    return std::unexpected(mistake(
        ErrorCode::not_found, "no key has so long a name: give its id, its name or its prefix"));
  }
  const Result<Json> keys = all_rows(access, Target{"/admin/api-keys"}.with("search", wanted));
  if (!keys) return std::unexpected(keys.error());
  std::string id;
  for (const Json& key : *keys) {
    if (key.at("name") != wanted && key.at("key_prefix") != wanted) continue;
    if (!id.empty()) {
      return std::unexpected(
          mistake(ErrorCode::conflict,
                  fmt::format("more than one key is called '{}': give its id", wanted)));
    }
    id = key.at("id");
  }
  if (!id.empty()) return id;
  return std::unexpected(
      mistake(ErrorCode::not_found, fmt::format("there is no key '{}'", wanted)));
}

std::string shown(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "-";
  std::string text;
  append_json_escaped(text, found->is_string() ? found->get<std::string>() : found->dump());
  return text;
}

int with_api(const ConfigInputs& inputs, const Terminal& terminal, bool may_be_new,
             const ApiWork& work) {
  const std::optional<LoadedConfig> loaded = load_or_explain(inputs, terminal);
  if (!loaded) return exit_bad_config;
  const auto secret_key = secret_key_for(loaded->config, may_be_new);
  if (!secret_key) {
    explain(secret_key.error(), terminal);
    return exit_bad_config;
  }
  const SystemClock clock;
  const auto access = open_admin_access(loaded->config, *secret_key, clock);
  if (!access) return fail(access.error(), terminal);
  return work(**access, loaded->config);
}

}  // namespace relay::app
