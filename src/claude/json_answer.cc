#include "claude/json_answer.h"

#include "base/limits.h"
#include "claude/text_estimate.h"
#include "claude/usage_tally.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;

constexpr int top = 1;           // The depth of the members of the answer,
constexpr int choice_depth = 3;  // and of those of a choice.

}  // namespace

void JsonAnswer::observe(std::string_view piece) {
  if (is_broken_) return text_.add_unseen(piece.size());
  piece_ = piece;
  reader_.feed(piece);
  Token token = reader_.next();
  for (; token != Token::more && token != Token::invalid; token = reader_.next()) take(token);
  if (is_inside_) pass_on(reader_.position());
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
    if (member_ == Member::model) model_ = ModelName{reader_.plain_text()};
    if (member_ == Member::stop_reason) stop_reason_ = StopReason{reader_.plain_text()};
  } else if (reader_.depth() == top + 1 && (token == Token::object || token == Token::array)) {
    is_inside_ = member_ == Member::usage || member_ == Member::text;
    passed_on_ = reader_.token_begin();
    usage_json_.clear();
  }
}

void JsonAnswer::take_inside(Token token) {
  if (reader_.depth() == top) {
    pass_on(reader_.position());
    is_inside_ = false;
    if (member_ == Member::usage) read_usage_object();
  } else if (reader_.depth() == choice_depth && member_ == Member::text) {
    if (is_next_reason_ && token == Token::string) stop_reason_ = StopReason{reader_.plain_text()};
    is_next_reason_ = token == Token::name && reader_.is_text("finish_reason");
  }
}

void JsonAnswer::pass_on(std::size_t end) {
  const std::string_view bytes = piece_.substr(passed_on_ - piece_begin_, end - passed_on_);
  passed_on_ = end;
  if (member_ == Member::text) return text_.add(bytes);
  usage_json_.append(bytes.substr(0, limits::usage_json_bytes_max + 1 - usage_json_.size()));
}

void JsonAnswer::read_usage_object() {
  if (usage_json_.size() > limits::usage_json_bytes_max) return tally_.add_bad_report();
  JsonReader reader{usage_json_};
  const Token first = reader.next();
  const UsageReport report = read_usage(reader, first);
  tally_.add(report);
  has_output_ = has_output_ || report.output.has_value();
}

JsonAnswer::Member JsonAnswer::named_member() const {
  if (reader_.is_text("usage")) return Member::usage;
  if (reader_.is_text("content") || reader_.is_text("choices")) return Member::text;
  if (reader_.is_text("model")) return Member::model;
  return reader_.is_text("stop_reason") ? Member::stop_reason : Member::other;
}

}  // namespace relay::claude
