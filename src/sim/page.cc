#include "sim/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/json_text.h"

namespace relay::sim {
namespace {

constexpr std::size_t limit_max = 1'000;

std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::size_t place_of(const std::vector<Listed>& all, std::string_view id, std::size_t otherwise) {
  if (id.empty()) return otherwise;
  const auto found = std::ranges::find(all, id, &Listed::id);
  return found == all.end() ? otherwise : static_cast<std::size_t>(found - all.begin());
}

}  // namespace

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) {
      return unescaped(pair.substr(std::min(equals + 1, pair.size())));
    }
  }
  return {};
}

PageQuery parse_page_query(std::string_view query) {
  PageQuery page;
  const std::string limit = query_value(query, "limit");
  std::from_chars(limit.data(), limit.data() + limit.size(), page.limit);
  page.limit = std::clamp<std::size_t>(page.limit, 1, limit_max);
  page.after_id = query_value(query, "after_id");
  page.before_id = query_value(query, "before_id");
  return page;
}

Answer page_answer(const std::vector<Listed>& all, const PageQuery& query) {
  std::size_t begin = 0;
  std::size_t end = place_of(all, query.before_id, all.size());
  if (!query.after_id.empty())
    begin = std::min(place_of(all, query.after_id, all.size()) + 1, all.size());
  if (!query.before_id.empty()) begin = end - std::min(query.limit, end);
  end = std::min(end, begin + query.limit);
  const bool has_more = query.before_id.empty() ? end < all.size() : begin > 0;

  std::string data;
  for (std::size_t i = begin; i < end; ++i) {
    if (i > begin) data += ',';
    data += all[i].json;
  }
  const bool is_empty = begin >= end;
  return json_answer(fmt::format(R"({{"data":[{}],"has_more":{},"first_id":{},"last_id":{}}})",
                                 data, has_more, is_empty ? "null" : json_string(all[begin].id),
                                 is_empty ? "null" : json_string(all[end - 1].id)));
}

}  // namespace relay::sim
