#include "app/demo.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/read_file.h"
#include "app/write_file.h"
#include "core/credential.h"

namespace relay::app {
namespace {

constexpr std::string_view question = R"({"model":"claude-opus-5-5","max_tokens":64,"stream":true,)"
                                      R"("messages":[{"role":"user","content":"Hello"}]})";

Error unwritten(const std::string& why) {
  return {.code = ErrorCode::internal,
          .origin = Origin::relay,
          .message = "The demo key cannot be kept in the data directory.",
          .detail = why};
}

Result<std::string> new_demo_key(Station& station, const std::filesystem::path& file) {
  const Result<admin::Reply> reply = station.admin().answer_command(
      admin::command_call(http::Method::post, "/admin/api-keys", R"({"name":"demo"})"));
  if (!reply) return std::unexpected(reply.error());
  std::string key = nlohmann::json::parse(reply->body).at("api_key").get<std::string>();
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  const auto written = write_new_secret_file(file, key);
  if (!written) return std::unexpected(unwritten(written.error()));
  return key;
}

Result<std::string> demo_key(Station& station, const Config& config) {
  const std::filesystem::path file = std::filesystem::path{config.data_dir} / "demo_key";
  const auto kept = read_file(file, core::key_chars);
  if (kept && station.directory().knows(*kept)) return *kept;
  return new_demo_key(station, file);
}

}  // namespace

Demo::Demo(Config& config) {
  UpstreamConfig upstream;
  upstream.name = "simulator";
  upstream.url = {"http", "", "127.0.0.1", simulator_.port(), ""};
  upstream.api_key = Secret{sim::SimulatorOptions{}.credential};
  config.upstreams.clear();
  config.upstreams.push_back(std::move(upstream));
}

Result<void> Demo::introduce(Station& station, const Config& config,
                             const net::Endpoint& port) const {
  const Result<std::string> key = demo_key(station, config);
  if (!key) return std::unexpected(key.error());
  const std::string url = "http://" + net::to_string(port);
  fmt::print(
      "\nNo UPSTREAM_API_KEY: the built-in simulator answers in Anthropic's place.\n"
      "Try it in another terminal:\n\n"
      "  curl -N {}/v1/messages -H 'x-api-key: {}' -H 'content-type: application/json' -d '{}'\n\n"
      "Claude Code:\n\n"
      "  export ANTHROPIC_BASE_URL={}\n"
      "  export ANTHROPIC_API_KEY={}\n\n",
      url, *key, question, url, *key);
  return {};
}

}  // namespace relay::app
