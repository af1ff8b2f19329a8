#include "sim/connection.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/limits.h"
#include "http/head_parser.h"
#include "sim/digest.h"
#include "sim/json_text.h"
#include "sim/link.h"
#include "sim/page.h"
#include "sim/request_body.h"
#include "sim/sending.h"
#include "sim/wire_answer.h"

namespace relay::sim {
namespace {

// Counts one as long as it lives.
class Counted {
 public:
  explicit Counted(std::uint64_t& gauge) noexcept : gauge_{gauge} { ++gauge_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --gauge_; }

 private:
  std::uint64_t& gauge_;
};

// How reading a head or a body came out.
enum class Reading : std::uint8_t { done, refused, over };

// The exchanges of one connection, one after the other.
class Session {
 public:
  Session(Api& api, net::Loop& loop, net::BufferPool& buffers, net::Socket socket)
      : api_{api},
        link_{loop, buffers, std::move(socket)},
        open_{api.gauges().connections_open},
        number_{++api.gauges().connections_accepted} {}

  Task<void> run();

 private:
  Task<Reading> read_head();
  Task<Reading> read_body();
  Task<bool> exchange();
  Task<bool> answer_control(const Answer& answer);
  Task<bool> answer_request();
  Task<bool> answer_with(Answer answer);
  Task<bool> refuse_malformed();
  Task<bool> finish_body();
  Task<bool> linger();

  void begin_entry();
  [[nodiscard]] bool read_head_script();
  [[nodiscard]] bool read_body_script(std::string_view text);
  [[nodiscard]] bool asks_for_early_answer();
  void meet_faults_by_attempt();
  [[nodiscard]] std::uint64_t name_answer();
  void end_entry(const Sent& sent, const WireAnswer& wire);
  [[nodiscard]] std::string fields_as_json() const;

  Api& api_;
  Link link_;
  Counted open_;
  std::uint64_t number_;

  // Of the exchange at hand.
  http::RequestHead head_;
  std::optional<RequestBody> body_;
  Script script_;
  LogEntry entry_;
  TimePoint begun_{};
  Error fault_{};
  std::chrono::milliseconds idle_max_ = limits::simulator_idle_max;
};

Task<void> Session::run() {
  for (;;) {
    const Reading head = co_await read_head();
    if (head == Reading::over) co_return;
    bool stays = false;
    if (head == Reading::refused) {
      stays = co_await refuse_malformed();
    } else {
      stays = co_await exchange();
    }
    if (!stays) co_return;
  }
}

Task<Reading> Session::read_head() {
  const TimePoint deadline = link_.now() + idle_max_;
  for (;;) {
    if (!link_.received().empty()) {
      const Result<std::optional<std::size_t>> parsed =
          http::parse_request_head(link_.received(), head_);
      if (!parsed) {
        fault_ = parsed.error();
        co_return Reading::refused;
      }
      if (*parsed) {
        link_.received().erase(0, **parsed);
        co_return Reading::done;
      }
    }
    const bool more = co_await link_.receive(deadline);
    if (!more) co_return Reading::over;
  }
}

Task<Reading> Session::read_body() {
  if (head_.expects_continue && link_.received().empty()) {
    const bool sent = co_await link_.send("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return Reading::over;
  }
  for (;;) {
    const Result<void> taken = body_->take(link_.received());
    if (!taken) {
      fault_ = taken.error();
      co_return Reading::refused;
    }
    if (body_->is_complete() || asks_for_early_answer()) co_return Reading::done;
    if (script_.read_delay.count() > 0) {
      const bool alive = co_await link_.pause(script_.read_delay);
      if (!alive) co_return Reading::over;
    }
    const bool more = co_await link_.receive(link_.now() + limits::simulator_idle_max);
    if (!more) co_return Reading::over;
  }
}

// False: the connection ends.
Task<bool> Session::exchange() {
  const std::optional<Answer> control = api_.control(head_);
  if (control) {
    const bool stays = co_await answer_control(*control);
    co_return stays;
  }
  const Counted in_flight{api_.gauges().in_flight};
  begin_entry();
  body_.emplace(head_);
  if (!read_head_script()) {
    const bool stays = co_await answer_with(error_answer(400, {}, fault_.message));
    co_return stays;
  }
  const Reading body = co_await read_body();
  if (body == Reading::refused) {
    const bool stays = co_await refuse_malformed();
    co_return stays;
  }
  if (body == Reading::over) {
    end_entry({.ending = Ending::client_closed}, {});
    co_return false;
  }
  const bool answered = co_await answer_request();
  if (!answered) co_return false;
  const bool stays = co_await linger();
  co_return stays;
}

Task<bool> Session::answer_control(const Answer& answer) {
  const Asked asked{.method = head_.method};
  RequestBody body{head_};
  while (!body.is_complete()) {
    const Result<void> taken = body.take(link_.received());
    if (!taken) co_return false;
    if (body.is_complete()) break;
    const bool more = co_await link_.receive(link_.now() + limits::simulator_idle_max);
    if (!more) co_return false;
  }
  const WireAnswer wire = frame(answer, Script{}, asked, {});
  const bool sent = co_await link_.send(wire.bytes);
  co_return sent&& head_.keep_alive;
}

Task<bool> Session::answer_request() {
  Answer answer;
  const bool is_authorized = entry_.is_authorized;
  if (!body_->is_complete()) {
    meet_faults_by_attempt();
    const Script& script = script_;
    answer = api_.answer({head_, {}, script, name_answer(), {}}, is_authorized);
  } else {
    const Result<std::string_view> text = body_->text();
    if (!text || !read_body_script(*text)) {
      const std::string& why = text ? fault_.message : text.error().message;
      answer = error_answer(400, {}, why);
    } else {
      meet_faults_by_attempt();
      answer =
          api_.answer({head_, *text, script_, name_answer(), body_->take_upload()}, is_authorized);
    }
  }
  const bool stays = co_await answer_with(std::move(answer));
  co_return stays;
}

Task<bool> Session::answer_with(Answer answer) {
  const Asked asked{.method = head_.method,
                    .minor_version = head_.minor_version,
                    .keep_alive = head_.keep_alive,
                    .accept_encoding = head_.fields.find("accept-encoding").value_or("")};
  const std::string fields = api_.common_fields(api_.next_number(), script_.nonce);
  const WireAnswer wire = frame(std::move(answer), script_, asked, fields);
  entry_.answer_sha256 = wire.body_sha256;
  const Sent sent = co_await send_answer(link_, wire, script_);
  if (body_ && !body_->is_complete()) {
    const bool came = co_await finish_body();
    end_entry(sent, wire);
    co_return came&& sent.ending == Ending::complete && !wire.closes;
  }
  end_entry(sent, wire);
  if (sent.ending == Ending::cut && script_.cut == "rst") link_.reset_on_close();
  co_return sent.ending == Ending::complete && !wire.closes;
}

// What comes of a body after its answer. Nobody needs it, but the next request lies behind it.
Task<bool> Session::finish_body() {
  while (!body_->is_complete()) {
    const Result<void> taken = body_->take(link_.received());
    if (!taken) co_return false;
    if (body_->is_complete()) break;
    const bool more = co_await link_.receive(link_.now() + limits::simulator_idle_max);
    if (!more) co_return false;
  }
  co_return true;
}

// What the script wants on a connection that has nothing to do.
Task<bool> Session::linger() {
  idle_max_ = limits::simulator_idle_max;
  if (!script_.unsolicited.empty()) {
    const bool alive = co_await link_.pause(script_.unsolicited_after);
    if (!alive) co_return false;
    static constexpr std::string_view answer =
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 11\r\n\r\nnot for you";
    const bool sent = co_await link_.send(script_.unsolicited == "answer" ? answer : "\x01\x02");
    if (!sent) co_return false;
  }
  if (script_.idle_close.count() < 0) co_return true;
  if (script_.cut == "rst") link_.reset_on_close();
  idle_max_ = script_.idle_close;
  co_return idle_max_.count() > 0;
}

Task<bool> Session::refuse_malformed() {
  if (!body_) {
    head_ = http::RequestHead{};
    begin_entry();
    entry_.method.clear();
  }
  entry_.fault = fault_.detail.empty() ? fault_.message : fault_.detail;
  const int status = fault_.code == ErrorCode::request_too_large ? 413 : 400;
  const Answer answer = error_answer(status, {}, fault_.message);
  Script script;
  script.close = true;
  const WireAnswer wire = frame(answer, script, {}, api_.common_fields(api_.next_number(), {}));
  const Sent sent = co_await send_answer(link_, wire, script);
  end_entry(sent, wire);
  co_return false;
}

void Session::begin_entry() {
  begun_ = link_.now();
  script_ = Script{};
  entry_ = LogEntry{};
  entry_.connection = number_;
  entry_.begun = api_.wall();
  entry_.method = http::to_string(head_.method);
  entry_.target = head_.target;
  entry_.fields = fields_as_json();
  entry_.is_authorized = api_.is_authorized(head_.fields);
}

std::string Session::fields_as_json() const {
  std::string json = "[";
  for (const http::FieldView field : head_.fields) {
    if (json.size() > 1) json += ',';
    const bool is_secret = Api::is_credential(field.name.text());
    const bool is_right = is_secret && api_.is_authorized(head_.fields);
    const std::string value = !is_secret ? std::string{field.value}
                              : is_right ? std::string{"ok"}
                                         : "bad:" + sha256_hex(field.value).substr(0, 16);
    json += fmt::format("[{},{}]", json_string(field.name.text()), json_string(value));
  }
  return json += ']';
}

// A field or a query can script what happens before the body was read.
bool Session::read_head_script() {
  const std::optional<std::string_view> field = head_.fields.find("x-sim");
  const std::string query = field ? std::string{} : query_value(head_.query(), "sim");
  const std::string_view settings = field ? *field : query;
  if (settings.empty()) return true;
  Result<Script> script = parse_script(settings);
  if (!script) {
    fault_ = script.error();
    return false;
  }
  script_ = std::move(*script);
  return true;
}

bool Session::read_body_script(std::string_view text) {
  if (!script_.is_default) return true;
  const std::optional<std::string_view> marker = find_marker(text);
  if (!marker) return true;
  Result<Script> script = parse_script(*marker);
  if (!script) {
    fault_ = script.error();
    return false;
  }
  script_ = std::move(*script);
  return true;
}

// The marker may stand at the front of a body that is still to come. Looked for there only: a later
// one may replace it, and searching everything at every read would take its time.
bool Session::asks_for_early_answer() {
  static constexpr std::size_t front_bytes = 64 * limits::kib;
  if (!script_.is_default || body_->bytes() > front_bytes) return script_.early;
  const std::optional<std::string_view> marker = find_marker(body_->held());
  if (!marker) return false;
  Result<Script> script = parse_script(*marker);
  if (!script || !script->early) return false;
  script_ = std::move(*script);
  return true;
}

void Session::meet_faults_by_attempt() {
  if (script_.fail_times < 0) return;
  entry_.attempt = api_.count_attempt(script_.id);
  if (entry_.attempt > script_.fail_times) {
    script_.drop_faults();
  } else if (static_cast<const Faults&>(script_) == Faults{}) {
    script_.status = 529;
  }
}

// What ids are made of. The same for the same nonce, so that an answer that came through a relay
// can be compared with one that did not.
std::uint64_t Session::name_answer() {
  static constexpr std::uint64_t id_max = 10'000'000'000'000;
  if (script_.nonce.empty()) return api_.next_number();
  return std::hash<std::string>{}(script_.nonce) % id_max;
}

void Session::end_entry(const Sent& sent, const WireAnswer& wire) {
  if (body_) {
    entry_.body_bytes = body_->bytes();
    entry_.body_sha256 = body_->sha256();
    entry_.is_body_complete = body_->is_complete();
    body_.reset();
  }
  entry_.nonce = script_.nonce;
  entry_.status = wire.status;
  entry_.bytes_sent = sent.bytes;
  entry_.bytes_planned = wire.bytes.size();
  entry_.pieces_sent = sent.pieces;
  entry_.usage = sent.usage;
  entry_.is_batch = wire.is_batch;
  entry_.ending = sent.ending;
  entry_.lasted = std::chrono::duration_cast<std::chrono::microseconds>(link_.now() - begun_);
  api_.log().add(entry_);
}

}  // namespace

Task<void> serve_connection(Api& api, net::Loop& loop, net::BufferPool& buffers,
                            net::Socket socket) {
  Session session{api, loop, buffers, std::move(socket)};
  co_await session.run();
}

}  // namespace relay::sim
