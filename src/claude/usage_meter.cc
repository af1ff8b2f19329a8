#include "claude/usage_meter.h"

#include <algorithm>

#include "base/limits.h"
#include "http/head.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;
using core::TokenCount;
using core::Usage;

// Members of a delta that are not what the model wrote.
constexpr std::string_view not_text[] = {"type",  "id",        "role",      "name",
                                         "index", "signature", "cited_text"};

bool has_media_type(std::string_view content_type, std::string_view expected) noexcept {
  if (!http::same_name(content_type.substr(0, expected.size()), expected)) return false;
  const std::string_view rest = content_type.substr(expected.size());
  return rest.empty() || rest.front() == ';' || rest.front() == ' ' || rest.front() == '\t';
}

}  // namespace

AnswerKind answer_kind(core::Endpoint endpoint, std::string_view content_type,
                       bool is_stream_requested) noexcept {
  bool is_stream = is_stream_requested;
  if (has_media_type(content_type, "text/event-stream")) is_stream = true;
  if (has_media_type(content_type, "application/json")) is_stream = false;
  if (endpoint == core::Endpoint::messages) {
    return is_stream ? AnswerKind::messages_events : AnswerKind::messages_json;
  }
  if (endpoint == core::Endpoint::chat_completions) {
    return is_stream ? AnswerKind::chat_events : AnswerKind::chat_json;
  }
  return AnswerKind::none;
}

UsageMeter::UsageMeter(AnswerKind kind, std::string_view content_encoding) : kind_{kind} {
  if (kind == AnswerKind::none) return;
  const std::optional<Coding> coding = coding_of(content_encoding);
  is_readable_ = coding.has_value();
  if (is_readable_ && *coding != Coding::identity) decoder_ = std::make_unique<Decoder>(*coding);
  if (!is_stream()) json_ = std::make_unique<JsonAnswer>(tally_, text_);
}

UsageMeter::~UsageMeter() = default;

bool UsageMeter::is_stream() const noexcept {
  return kind_ == AnswerKind::messages_events || kind_ == AnswerKind::chat_events;
}

bool UsageMeter::is_final() const noexcept {
  if (json_ != nullptr) return json_->has_output();
  return has_final_output_ && (!has_text_since_ || saw_stop_);
}

std::string_view UsageMeter::served_model() const noexcept {
  return json_ != nullptr ? json_->model().view() : model_.view();
}

std::string_view UsageMeter::stop_reason() const noexcept {
  if (json_ != nullptr) return json_->stop_reason().view();
  return ending_ == nullptr ? std::string_view{} : ending_->stop_reason.view();
}

std::string_view UsageMeter::error_type() const noexcept {
  return ending_ == nullptr ? std::string_view{} : ending_->error_type.view();
}

UsageMeter::Ending& UsageMeter::ending() {
  if (ending_ == nullptr) ending_ = std::make_unique<Ending>();
  return *ending_;
}

bool UsageMeter::at_event_boundary() const noexcept {
  return is_stream() && is_readable_ && decoder_ == nullptr && is_between_events_ &&
         !lines_.is_inside_line();
}

Usage UsageMeter::usage_so_far(TokenCount input_estimate) const noexcept {
  return usage(input_estimate, text_.rough_tokens());
}

Usage UsageMeter::final_usage(TokenCount input_estimate, CountTokens count) const {
  return usage(input_estimate, is_final() ? 0 : text_.tokens(count));
}

Usage UsageMeter::usage(TokenCount input_estimate, TokenCount output_estimate) const noexcept {
  Usage usage = tally_.usage();
  const bool is_only_error = !error_type().empty() && !tally_.has_counts() && text_.bytes() == 0;
  if (kind_ == AnswerKind::none || is_only_error) return usage;
  if (!tally_.has_input()) {
    usage.input = std::max(usage.input, input_estimate - usage.cache_write() - usage.cache_read);
  }
  if (!is_final()) usage.output = std::max(usage.output, output_estimate);
  usage.is_estimated = !is_final() || !tally_.has_input() || tally_.is_bad();
  return usage;
}

void UsageMeter::observe(std::string_view bytes) {
  if (kind_ == AnswerKind::none) return;
  if (!is_readable_) return observe_unread(bytes.size());
  if (decoder_ == nullptr) return observe_plain(bytes);
  decoder_->feed(bytes);
  for (auto piece = decoder_->next(); !piece.empty(); piece = decoder_->next()) {
    observe_plain(piece);
  }
  const Decoder::State state = decoder_->state();
  is_readable_ = state == Decoder::State::decoding || state == Decoder::State::complete;
  has_unread_bytes_ = has_unread_bytes_ || !is_readable_;
}

void UsageMeter::observe_unread(std::size_t bytes) noexcept {
  text_.add_unseen(bytes);
  has_unread_bytes_ = true;
}

void UsageMeter::observe_plain(std::string_view bytes) {
  if (json_ != nullptr) return json_->observe(bytes);
  lines_.feed(bytes);
  for (;;) {
    observe_deltas();
    const auto line = lines_.next();
    if (!line) return;
    observe_line(*line);
  }
}

// Nearly all events are these, and nearly all come whole.
void UsageMeter::observe_deltas() {
  if (kind_ != AnswerKind::messages_events || !is_between_events_) return;
  while (const auto data = lines_.next_after("event: content_block_delta\ndata: ")) {
    observe_delta(*data);
  }
}

void UsageMeter::observe_line(const LineReader::Line& line) {
  is_between_events_ = line.bytes == 0;
  if (is_between_events_) {
    if (held_ != nullptr) observe_held();
    event_ = Event::unnamed;
  } else if (line.is_too_long()) {
    observe_unread(line.bytes);
  } else if (const auto data = field_value(line.text, "data")) {
    observe_data_line(*data);
  } else if (const auto name = field_value(line.text, "event")) {
    event_ = event_named(*name);
  }
}

// Nearly all data is an object in one line. What is none yet goes on in the next data line of its
// event, behind a line end (WHATWG HTML section 9.2.6).
void UsageMeter::observe_data_line(std::string_view data) {
  const bool is_begun = data.starts_with('{') && !data.ends_with('}');
  if (held_ != nullptr || is_begun) return hold(data);
  observe_data(data);
}

void UsageMeter::hold(std::string_view data) {
  if (held_ == nullptr) held_ = std::make_unique<std::string>();
  if (held_->size() + data.size() >= limits::event_bytes_max) return observe_unread(data.size());
  if (!held_->empty()) held_->push_back('\n');
  held_->append(data);
}

void UsageMeter::observe_held() {
  observe_data(*held_);
  held_.reset();
}

void UsageMeter::observe_data(std::string_view data) {
  if (kind_ == AnswerKind::chat_events) return observe_chat(data);
  if (event_ == Event::unnamed) event_ = event_of(data);
  has_news_ = has_news_ || event_ != Event::content_block_delta;
  switch (event_) {
    case Event::content_block_delta: return observe_delta(data);
    case Event::message_start:
    case Event::message_delta: return observe_message(data);
    case Event::message_stop: saw_stop_ = true; return;
    case Event::error: ending().error_type = error_type_of(data); return;
    case Event::unnamed:
    case Event::ping:
    case Event::other: return;
  }
}

void UsageMeter::observe_delta(std::string_view data) {
  has_text_since_ = true;
  if (const auto text = delta_text(data)) return text_.add(*text);
  JsonReader reader{data};
  if (reader.next() != Token::object) return;
  each_member(reader, [&](std::string_view name, Token first) {
    if (name != "delta") return skip_value(reader, first);
    return take_text(reader, first);
  });
}

void UsageMeter::observe_message(std::string_view data) {
  JsonReader reader{data};
  const bool is_read = reader.next() == Token::object &&
                       each_member(reader, [&](std::string_view name, Token first) {
                         return read_member(reader, name, first);
                       });
  if (is_read) return;
  held_ == nullptr ? hold(data) : tally_.add_bad_report();
}

bool UsageMeter::read_member(JsonReader& reader, std::string_view name, Token first) {
  if (name == "usage") {
    const int depth = reader.depth();
    const UsageReport report = read_usage(reader, first);
    const bool is_cut = first == Token::object && reader.depth() >= depth;
    if (is_cut && held_ == nullptr) return false;  // There may be another line of it.
    take_report(report, event_ == Event::message_delta);
    return true;
  }
  if (first == Token::object && (name == "message" || name == "delta")) {
    return each_member(reader, [&](std::string_view inner, Token value) {
      return read_member(reader, inner, value);
    });
  }
  if (first == Token::string && name == "model") model_ = reader.short_text<ModelName::bytes_max>();
  if (first == Token::string && name == "stop_reason") {
    ending().stop_reason = reader.short_text<StopReason::bytes_max>();
  }
  return skip_value(reader, first);
}

void UsageMeter::observe_chat(std::string_view data) {
  has_news_ = true;
  if (data == "[DONE]") {
    saw_stop_ = true;
    return;
  }
  JsonReader reader{data};
  if (reader.next() != Token::object) return;
  each_member(reader, [&](std::string_view name, Token first) {
    return read_chat_member(reader, name, first);
  });
}

bool UsageMeter::read_chat_member(JsonReader& reader, std::string_view name, Token first) {
  if (name == "choices") return take_text(reader, first);
  if (name == "usage") {
    take_report(read_usage(reader, first), true);
    return true;
  }
  if (first == Token::object && name == "error")
    return read_error_type(reader, ending().error_type);
  if (first == Token::string && name == "model") model_ = reader.short_text<ModelName::bytes_max>();
  return skip_value(reader, first);
}

void UsageMeter::take_report(const UsageReport& report, bool counts_output) {
  tally_.add(report);
  if (!counts_output || !report.output) return;
  has_final_output_ = true;
  has_text_since_ = false;
}

// All strings of a delta, or of choices, that the model wrote.
bool UsageMeter::take_text(JsonReader& reader, Token first) {
  std::string_view name;
  const int outside = reader.depth() - 1;
  if (first != Token::object && first != Token::array) return skip_value(reader, first);
  while (reader.depth() > outside) {
    const Token token = reader.next();
    if (token == Token::more || token == Token::invalid) return false;
    if (token == Token::name) name = reader.text();
    if (token != Token::string) continue;
    if (name == "finish_reason") {
      ending().stop_reason = reader.short_text<StopReason::bytes_max>();
    } else if (std::ranges::find(not_text, name) == std::end(not_text)) {
      has_text_since_ = true;
      if (reader.is_text_too_long()) text_.add_unseen(reader.position() - reader.token_begin() - 2);
      text_.add(reader.text());
    }
  }
  return true;
}

}  // namespace relay::claude
