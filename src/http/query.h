#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace relay::http {

// The parameters of a query, as our own endpoints take them: names and values with their escapes
// taken off, "+" for a space. Strict where forms on the web are lenient.
class Query {
 public:
  // invalid_request: a bad escape, a control character, a name that is empty or given twice, more
  // than limits::query_parameters_max.
  [[nodiscard]] static Result<Query> parse(std::string_view query);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;

  struct Parameter {
    std::string name;
    std::string value;
  };
  [[nodiscard]] const std::vector<Parameter>& parameters() const noexcept { return parameters_; }

 private:
  std::vector<Parameter> parameters_;
};

}  // namespace relay::http
