#include "claude/batch_results.h"

#include <algorithm>

namespace relay::claude {
namespace {

using Token = JsonReader::Token;

constexpr int top = 1;     // The depth of custom_id and result,
constexpr int inside = 2;  // and of the message in a result.

}  // namespace

std::string batch_id_of(std::string_view json) {
  JsonReader reader{json};
  std::string id;
  if (reader.next() != Token::object) return id;
  each_member(reader, [&](std::string_view name, Token first) {
    if (name == "id" && first == Token::string) id = reader.plain_text();
    return skip_value(reader, first);
  });
  return id;
}

BatchResults::BatchResults(std::string_view content_encoding) {
  const std::optional<Coding> coding = coding_of(content_encoding);
  is_readable_ = coding.has_value();
  if (is_readable_ && *coding != Coding::identity) decoder_ = std::make_unique<Decoder>(*coding);
}

void BatchResults::feed(std::string_view bytes) {
  if (!is_readable_) return;
  if (decoder_ == nullptr) {
    piece_ = bytes;
  } else {
    decoder_->feed(bytes);
  }
}

std::optional<BatchResult> BatchResults::next() {
  while (take_piece()) {
    const std::size_t end = std::min(piece_.find('\n'), piece_.size());
    const bool is_whole = end < piece_.size();
    std::optional<BatchResult> result;
    if (line_ == Line::reading) result = take_line(piece_.substr(0, end));
    if (is_whole) end_line();
    piece_.remove_prefix(is_whole ? end + 1 : end);
    if (result) return result;
  }
  return std::nullopt;
}

// False: there is nothing left to look at.
bool BatchResults::take_piece() {
  if (!piece_.empty()) return true;
  if (decoder_ == nullptr || !is_readable_) return false;
  piece_ = decoder_->next();
  const Decoder::State state = decoder_->state();
  is_readable_ = state == Decoder::State::decoding || state == Decoder::State::complete;
  return !piece_.empty();
}

// A result is there when its object has ended, with or without an end of its line.
std::optional<BatchResult> BatchResults::take_line(std::string_view part) {
  part_ = part;
  reader_.feed(part);
  Token token = reader_.next();
  for (; token != Token::more && token != Token::invalid; token = reader_.next()) take(token);
  if (is_inside_message_) observe_message();
  part_begin_ += part.size();
  if (token == Token::invalid) {
    line_ = Line::invalid;
    has_unread_lines_ = true;
  } else if (reader_.is_complete()) {
    line_ = Line::complete;
    return owed();
  }
  return std::nullopt;
}

void BatchResults::take(Token token) {
  const int depth = reader_.depth();
  if (is_inside_message_) {
    if (depth != inside) return;
    observe_message();
    is_inside_message_ = false;
  } else if (token == Token::name && depth == top) {
    top_ = reader_.is_text("custom_id") ? Member::custom_id
           : reader_.is_text("result")  ? Member::result
                                        : Member::other;
    inner_ = Member::other;
  } else if (token == Token::name && depth == inside && top_ == Member::result) {
    inner_ = reader_.is_text("message") ? Member::message : Member::other;
  } else if (token == Token::string && depth == top && top_ == Member::custom_id) {
    if (!reader_.is_text_too_long()) custom_id_ = reader_.plain_text();
  } else if (token == Token::object && depth == inside + 1 && inner_ == Member::message) {
    open_message();
  }
}

void BatchResults::open_message() {
  message_.emplace(AnswerKind::messages_json);
  observed_ = reader_.token_begin();
  is_inside_message_ = !reader_.skip_opened();
  if (!is_inside_message_) observe_message();
}

// From what was observed to the end of the last token.
void BatchResults::observe_message() {
  const std::size_t begin = observed_ - part_begin_;
  message_->observe(part_.substr(begin, reader_.position() - observed_));
  observed_ = reader_.position();
}

std::optional<BatchResult> BatchResults::owed() {
  if (!message_) return std::nullopt;
  if (!custom_id_) {
    has_unread_lines_ = true;
    return std::nullopt;
  }
  BatchResult result{.custom_id = std::move(*custom_id_),
                     .model = ModelName{message_->served_model()},
                     .usage = message_->usage_so_far(0),
                     .terms = message_->terms(),
                     .advisors = {message_->advisors().begin(), message_->advisors().end()}};
  result.terms.tier = core::ServiceTier::batch;
  return result;
}

void BatchResults::end_line() {
  reader_ = JsonReader::of_any_depth();
  line_ = Line::reading;
  part_begin_ = 0;
  top_ = inner_ = Member::other;
  custom_id_.reset();
  message_.reset();
  is_inside_message_ = false;
}

}  // namespace relay::claude
