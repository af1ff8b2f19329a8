#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "core/money.h"
#include "core/page.h"
#include "http/query.h"

namespace relay::admin {

// The query of a call, read strictly:
//
//   Parameters asked{call.head.query()};
//   filter.tag = asked.text("tag");
//   filter.is_stream = asked.truth("stream");
//   const Result<void> sound = asked.finish();
//
// What is asked for is known; finish() refuses what is not, and says of the first parameter that
// was not as it has to be what it should be. Until then that one counts as absent.
class Parameters {
 public:
  explicit Parameters(std::string_view query);

  [[nodiscard]] bool empty() const noexcept { return query_.parameters().empty(); }

  // Views are into this object. An empty value is as good as none, but for a time: a shell makes it
  // of a variable that is not set.
  std::optional<std::string_view> find(std::string_view name);
  std::string text(std::string_view name);
  std::vector<std::string_view> list(std::string_view name);  // Separated by commas.
  std::optional<std::int64_t> count(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<bool> truth(std::string_view name);         // true, false
  std::optional<WallTime> time(std::string_view name);      // RFC 3339
  std::optional<core::NanoUsd> usd(std::string_view name);  // Dollars.
  core::PageRequest page();                                 // limit, after

  // What `parse` makes of the value.
  template <typename Parse>
  auto word(std::string_view name, std::string_view expected, Parse parse)
      -> decltype(parse(std::string_view{})) {
    const std::optional<std::string_view> value = find(name);
    auto parsed = value ? parse(*value) : decltype(parse(std::string_view{})){};
    if (value && !parsed) refuse(name, expected);
    return parsed;
  }

  void refuse(std::string_view name, std::string_view expected);
  void refuse_empty(std::string_view name, std::string_view expected);  // If it is there.
  [[nodiscard]] Result<void> finish() const;

 private:
  http::Query query_;
  std::optional<Error> fault_;  // The first one.
  std::vector<std::string> known_;
};

}  // namespace relay::admin
