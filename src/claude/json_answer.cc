#include "claude/json_answer.h"

#include "base/limits.h"
#include "claude/text_estimate.h"
#include "claude/usage_tally.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;

constexpr std::string_view mark = "\xEF\xBB\xBF";
constexpr int top = 1;           // The depth of the members of the answer,
constexpr int choice_depth = 3;  // and of those of a choice.

}  // namespace

// RFC 8259 section 8.1 lets a reader pass over one that should not be there.
std::string_view JsonAnswer::without_mark(std::string_view piece) noexcept {
  while (mark_bytes_ < mark.size() && piece.starts_with(mark[mark_bytes_])) {
    piece.remove_prefix(1);
    ++mark_bytes_;
  }
  if (!piece.empty()) mark_bytes_ = mark.size();
  return piece;
}

void JsonAnswer::observe(std::string_view piece) {
  if (mark_bytes_ < mark.size()) piece = without_mark(piece);
  if (is_broken_) return text_.add_unseen(piece.size());
  piece_ = piece;
  reader_.feed(piece);
  Token token = reader_.next();
  for (; token != Token::more && token != Token::invalid; token = reader_.next()) take(token);
  if (is_inside_) pass_on();
  if (token == Token::invalid) {
    is_broken_ = true;
    tally_.add_bad_report();
    text_.add_unseen(piece_begin_ + piece.size() - reader_.position());
  }
  piece_begin_ += piece.size();
}

void JsonAnswer::take(Token token) {
  if (is_inside_) return take_inside(token);
  if (reader_.depth() == top && token == Token::name) {
    member_ = named_member();
  } else if (reader_.depth() == top && token == Token::string) {
    if (member_ == Member::model) model_ = reader_.short_text<ModelName::bytes_max>();
    if (member_ == Member::stop_reason) stop_reason_ = reader_.short_text<StopReason::bytes_max>();
  } else if (reader_.depth() == top + 1 && (token == Token::object || token == Token::array)) {
    take_opened();
  }
}

// Most answers are short and come in one piece, where a whole value can be taken as it lies there.
void JsonAnswer::take_opened() {
  passed_on_ = reader_.token_begin();
  const bool is_whole = member_ != Member::choices && reader_.skip_opened();
  if (is_whole && member_ == Member::usage) return read_usage_object(rest_of_piece());
  if (is_whole && member_ == Member::content) return text_.add(rest_of_piece());
  is_inside_ = !is_whole && member_ != Member::other;
  usage_json_.clear();
}

// From what was passed on to the end of the last token.
std::string_view JsonAnswer::rest_of_piece() const {
  return piece_.substr(passed_on_ - piece_begin_, reader_.position() - passed_on_);
}

void JsonAnswer::take_inside(Token token) {
  if (reader_.depth() == top) {
    pass_on();
    is_inside_ = false;
    if (member_ == Member::usage) read_usage_object(usage_json_);
  } else if (reader_.depth() == choice_depth && member_ == Member::choices) {
    if (is_next_reason_ && token == Token::string)
      stop_reason_ = reader_.short_text<StopReason::bytes_max>();
    is_next_reason_ = token == Token::name && reader_.is_text("finish_reason");
  }
}

void JsonAnswer::pass_on() {
  const std::string_view bytes = rest_of_piece();
  passed_on_ += bytes.size();
  if (member_ != Member::usage) return text_.add(bytes);
  usage_json_.append(bytes.substr(0, limits::usage_json_bytes_max + 1 - usage_json_.size()));
}

void JsonAnswer::read_usage_object(std::string_view json) {
  if (json.size() > limits::usage_json_bytes_max) return tally_.add_bad_report();
  JsonReader reader{json};
  const Token first = reader.next();
  const UsageReport report = read_usage(reader, first);
  tally_.add(report);
  has_output_ = has_output_ || report.output.has_value();
}

JsonAnswer::Member JsonAnswer::named_member() const {
  if (reader_.is_text("usage")) return Member::usage;
  if (reader_.is_text("content")) return Member::content;
  if (reader_.is_text("choices")) return Member::choices;
  if (reader_.is_text("model")) return Member::model;
  return reader_.is_text("stop_reason") ? Member::stop_reason : Member::other;
}

}  // namespace relay::claude
