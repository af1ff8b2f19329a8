#include "claude/batch_urls.h"

#include "claude/json_reader.h"
#include "claude/json_text.h"
#include "http/head.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;

class Rewriting {
 public:
  Rewriting(std::string_view json, const Origins& origins) noexcept
      : json_{json}, origins_{origins}, reader_{json} {}

  std::string run() {
    if (reader_.next() == Token::object) {
      each_member(reader_, [this](std::string_view name, Token first) {
        return first == Token::array && name == "data" ? list() : member(name, first);
      });
    }
    result_ += json_.substr(copied_);
    return std::move(result_);
  }

 private:
  bool list() {
    for (;;) {
      const Token token = reader_.next();
      if (token == Token::array_end) return true;
      const bool is_read = token == Token::object ? batch() : skip_value(reader_, token);
      if (!is_read) return false;
    }
  }

  bool batch() {
    return each_member(reader_,
                       [this](std::string_view name, Token first) { return member(name, first); });
  }

  bool member(std::string_view name, Token first) {
    if (first == Token::string && name == "results_url") rewrite(reader_.plain_text());
    return skip_value(reader_, first);
  }

  void rewrite(std::string_view url) {
    const std::size_t size = origins_.upstream.size();
    const bool is_on_upstream =
        http::same_name(url.substr(0, size), origins_.upstream) &&
        (url.size() == size || url[size] == '/' || url[size] == '?' || url[size] == '#');
    if (!is_on_upstream) return;
    result_ += json_.substr(copied_, reader_.token_begin() - copied_);
    result_ += quoted(std::string{origins_.own}.append(url.substr(size)));
    copied_ = reader_.position();
  }

  std::string_view json_;
  const Origins& origins_;
  JsonReader reader_;
  std::string result_;
  std::size_t copied_ = 0;  // How much of `json_` is in `result_`.
};

}  // namespace

std::string with_own_results_urls(std::string_view json, const Origins& origins) {
  return Rewriting{json, origins}.run();
}

}  // namespace relay::claude
