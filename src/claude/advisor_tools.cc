#include "claude/advisor_tools.h"

#include <optional>
#include <utility>

#include "base/limits.h"
#include "claude/decoder.h"
#include "claude/json_reader.h"

namespace relay::claude {
namespace {

using Token = JsonReader::Token;
using Models = std::vector<std::string>;

// Letters can be written in one other way only.
bool may_have_advisors(std::string_view body) noexcept {
  return body.contains("\"advisor_") || body.contains("\\u00");
}

std::string model_of(const JsonReader& reader) {
  std::string model = reader.plain_text();
  return model.size() <= limits::model_bytes_max ? model : std::string{};
}

bool add_tool(JsonReader& reader, Models& models) {
  bool is_advisor = false;
  Models named;
  const bool is_read = each_member(reader, [&](std::string_view name, Token first) {
    const bool is_text = first == Token::string;
    if (name == "type" && is_text && reader.plain_text().starts_with("advisor_")) is_advisor = true;
    if (name == "model" && is_text) named.push_back(model_of(reader));
    return skip_value(reader, first);
  });
  if (is_advisor && named.empty()) named.emplace_back();
  if (is_advisor) models.insert(models.end(), named.begin(), named.end());
  return is_read;
}

bool add_tools(JsonReader& reader, Models& models) {
  for (;;) {
    const Token token = reader.next();
    if (token == Token::array_end) return true;
    const bool is_read =
        token == Token::object ? add_tool(reader, models) : skip_value(reader, token);
    if (!is_read) return false;
  }
}

Result<Models> unreadable() {
  return std::unexpected(
      Error{.code = ErrorCode::invalid_request,
            .origin = Origin::client,
            .message = "The relay cannot see which advisors this request names."});
}

Result<Models> models_in(std::string_view body) {
  Models models;
  if (!may_have_advisors(body)) return models;
  JsonReader reader{body};
  if (reader.next() != Token::object) return unreadable();
  const bool is_read = each_member(reader, [&](std::string_view name, Token first) {
    if (name == "tools" && first == Token::array) return add_tools(reader, models);
    return skip_value(reader, first);
  });
  if (!is_read) return unreadable();
  return models;
}

}  // namespace

Result<Models> advisor_models(std::string_view content_encoding, std::string_view body) {
  const std::optional<Coding> coding = coding_of(content_encoding);
  if (!coding) return unreadable();
  if (*coding == Coding::identity) return models_in(body);
  const auto decoded = decode(*coding, body);
  if (!decoded) return unreadable();
  return models_in(*decoded);
}

}  // namespace relay::claude
