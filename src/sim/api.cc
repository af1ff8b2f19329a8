#include "sim/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include "base/limits.h"
#include "base/rfc3339.h"
#include "sim/bad_framing.h"
#include "sim/json_text.h"
#include "sim/message_request.h"
#include "sim/messages.h"
#include "sim/page.h"

namespace relay::sim {
namespace {

std::string http_date(std::chrono::sys_seconds when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm utc = {};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text, size};
}

// What Anthropic's edge says once a second anew.
std::string dated_fields(std::chrono::sys_seconds now) {
  const std::string reset = to_rfc3339(now + std::chrono::seconds{30});
  std::string fields = fmt::format("date: {}\r\n", http_date(now));
  for (const auto& [kind, limit] :
       {std::pair{"requests", 4'000}, std::pair{"tokens", 400'000},
        std::pair{"input-tokens", 320'000}, std::pair{"output-tokens", 80'000}}) {
    fields += fmt::format(
        "anthropic-ratelimit-{0}-limit: {1}\r\nanthropic-ratelimit-{0}-remaining: {2}\r\n"
        "anthropic-ratelimit-{0}-reset: {3}\r\n",
        kind, limit, limit - 1, reset);
  }
  return fields +
         "anthropic-organization-id: 0f0e0d0c-0b0a-4908-8706-050403020100\r\n"
         "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n"
         "server: cloudflare\r\nvia: 1.1 google\r\ncf-cache-status: DYNAMIC\r\n"
         "x-robots-tag: none\r\n";
}

std::string_view html_page =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body><center><h1>502 Bad Gateway</h1></center><hr>"
    "<center>cloudflare</center></body>\r\n</html>\r\n";

void add_retry_fields(Answer& answer, const Script& script) {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) answer.fields += fmt::format("{}: {}\r\n", name, value);
  };
  add("retry-after", script.retry_after);
  add("retry-after-ms", script.retry_after_ms);
  add("x-should-retry", script.should_retry);
  add("location", script.location);
}

void add_asked_fields(Answer& answer, std::string_view fields) {
  while (!fields.empty()) {
    const std::string_view field = fields.substr(0, fields.find('|'));
    fields.remove_prefix(std::min(field.size() + 1, fields.size()));
    if (!field.empty()) answer.fields.append(field).append("\r\n");
  }
}

Answer failure(const Script& script, std::string_view credential) {
  const auto status = static_cast<int>(script.status);
  std::string message{value_or(script.message, "simulated error")};
  if (script.leak) message += fmt::format(" (x-api-key: {})", credential);
  Answer answer = error_answer(status, script.error, message);
  if (script.body == "html") {
    answer.content_type = "text/html";
    answer.pieces.front().bytes = html_page;
  }
  if (script.body == "text") {
    answer.content_type = "text/plain; charset=utf-8";
    answer.pieces.front().bytes = message;
  }
  if (script.body == "bad_json") answer.pieces.front().bytes = R"({"type":"error","error":{)";
  if (script.body == "empty") answer.pieces.clear();
  add_retry_fields(answer, script);
  if (script.leak) answer.fields += fmt::format("x-leak: {}\r\n", credential);
  return answer;
}

// The segments of a path below `root`: "/root/id/verb". False: it does not lie there.
bool lies_below(std::string_view path, std::string_view root, ObjectCall& call) {
  if (!path.starts_with(root)) return false;
  path.remove_prefix(root.size());
  if (path.empty()) return true;
  if (path.front() != '/') return false;
  path.remove_prefix(1);
  const std::size_t slash = std::min(path.find('/'), path.size());
  call.id = path.substr(0, slash);
  call.verb = path.substr(std::min(slash + 1, path.size()));
  return true;
}

std::optional<MessageKind> kind_of(std::string_view path) noexcept {
  if (path == "/v1/messages") return MessageKind::message;
  if (path == "/v1/messages/count_tokens") return MessageKind::token_count;
  if (path == "/v1/chat/completions") return MessageKind::chat;
  return std::nullopt;
}

void name_request(Answer& answer, std::string_view request_id) {
  static constexpr std::string_view unnamed = R"("request_id":null})";
  if (answer.pieces.empty()) return;
  std::string& body = answer.pieces.back().bytes;
  if (!body.ends_with(unnamed)) return;
  body.resize(body.size() - unnamed.size());
  body += fmt::format(R"("request_id":"{}"}})", request_id);
}

std::string list_of_bad_framings() {
  std::string list;
  for (const BadFraming& bad : bad_framings()) {
    list += fmt::format(R"({}{{"name":"{}","meaning":{}}})", list.empty() ? "" : ",", bad.name,
                        json_string(bad.meaning));
  }
  return "[" + list + "]";
}

Answer text_answer(std::string text, std::string type) {
  Answer answer{.status = 200, .content_type = std::move(type)};
  answer.pieces.push_back({std::move(text)});
  return answer;
}

}  // namespace

Api::Api(const Clock& clock, Options options)
    : clock_{clock},
      options_{std::move(options)},
      log_{options_.log_path},
      workspace_{options_.origin} {
}

bool Api::is_credential(std::string_view name) noexcept {
  for (const std::string_view known :
       {"x-api-key", "authorization", "cookie", "proxy-authorization"}) {
    if (http::same_name(name, known)) return true;
  }
  return false;
}

bool Api::is_authorized(const http::Fields& fields) const {
  bool is_right = false;
  for (const http::FieldView field : fields) {
    if (!is_credential(field.name.text())) continue;
    const bool is_key = field.name == "x-api-key";
    const std::string_view scheme = is_key ? "" : "Bearer ";
    const bool matches =
        field.value.starts_with(scheme) && field.value.substr(scheme.size()) == options_.credential;
    if (!matches) return false;
    is_right = true;
  }
  return is_right;
}

Answer Api::model_call(const Call& call) {
  const MessageKind kind = *kind_of(call.head.path());
  const Result<MessageRequest> request = parse_message_request(call.body, kind);
  if (!request) return error_answer(400, {}, request.error().message);
  const ModelCall model{call.script, *request, call.body, call.number};
  switch (kind) {
    case MessageKind::message: return answer_message(model);
    case MessageKind::token_count: return answer_token_count(model);
    case MessageKind::chat: return answer_chat(model);
  }
  __builtin_unreachable();
}

Answer Api::route(const Call& call) {
  const std::string_view path = call.head.path();
  ObjectCall object{.method = http::to_string(call.head.method),
                    .id = {},
                    .verb = {},
                    .query = call.head.query(),
                    .body = call.body,
                    .script = call.script};
  if (kind_of(path)) {
    if (call.head.method != http::Method::post) return error_answer(405, {}, "Method Not Allowed");
    return model_call(call);
  }
  if (lies_below(path, "/v1/messages/batches", object)) return workspace_.batches(object);
  if (lies_below(path, "/v1/models", object)) return workspace_.models(object);
  if (lies_below(path, "/v1/files", object)) {
    if (call.upload) return workspace_.keep_file(*call.upload);
    return workspace_.files(object);
  }
  return error_answer(404, {}, fmt::format("Not found: {}", path));
}

Answer Api::answer(const Call& call, bool is_authorized) {
  const bool is_public = call.head.path() == "/" || call.head.path() == "/api/hello";
  Answer answer;
  if (!is_authorized && !is_public) {
    answer = error_answer(401, {}, "invalid x-api-key");
  } else if (call.script.status >= 300 || call.script.status == 204) {
    answer = failure(call.script, options_.credential);
  } else {
    answer = route(call);
    if (call.script.status != 0) answer.status = static_cast<int>(call.script.status);
  }
  add_asked_fields(answer, call.script.field);
  name_request(answer, object_id("req_011C", call.number));
  return answer;
}

std::optional<Answer> Api::control(const http::RequestHead& head) {
  static constexpr std::string_view root = "/__sim/";
  std::string_view path = head.path();
  if (!path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  if (path == "log") {
    const std::string since = query_value(head.query(), "since");
    std::uint64_t first = 0;
    std::from_chars(since.data(), since.data() + since.size(), first);
    return text_answer(log_.entries(first), "application/x-ndjson");
  }
  if (path == "totals") return json_answer(log_.totals(gauges_));
  if (path == "catalogue") return json_answer(list_of_bad_framings());
  if (path == "script") return text_answer(describe_script(), "text/plain; charset=utf-8");
  if (path == "reset" && head.method == http::Method::post) {
    log_.clear();
    workspace_.clear();
    attempts_.clear();
    return json_answer("{}");
  }
  return error_answer(404, {}, "Not found");
}

std::string Api::common_fields(std::uint64_t number, std::string_view nonce) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.wall());
  if (now != fields_of_) {
    fields_of_ = now;
    dated_fields_ = dated_fields(now);
  }
  std::string fields = dated_fields_;
  fmt::format_to(std::back_inserter(fields),
                 "request-id: {}\r\ncf-ray: 8f{:014x}-SIM\r\n"
                 "set-cookie: _cfuvid=sim{}; path=/; HttpOnly; Secure; SameSite=None\r\n",
                 object_id("req_011C", number), number, number);
  if (!nonce.empty()) fields += fmt::format("x-sim-nonce: {}\r\n", nonce);
  return fields;
}

std::int64_t Api::count_attempt(const std::string& id) {
  if (attempts_.size() >= limits::simulator_objects_max) attempts_.clear();
  return ++attempts_[id];
}

}  // namespace relay::sim
