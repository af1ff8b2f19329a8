#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "app/admin_access.h"
#include "app/command_line.h"
#include "base/result.h"

// What the commands that speak to the admin API have in common.
namespace relay::app {

using Json = nlohmann::ordered_json;  // In the order of the API, which is for people.

// For a part of a path or of a query, whatever the text holds.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// A target with a query: Target{"/admin/logs"}.with("model", model).text(). with() leaves out what
// is empty; with_all() does not, so that the API can refuse what somebody has given.
class Target {
 public:
  explicit Target(std::string path) : text_{std::move(path)} {}
  Target& with(std::string_view name, std::string_view value);
  Target& with_all(const std::map<std::string, std::string>& given);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  void add(std::string_view name, std::string_view value);

  std::string text_;
  bool has_query_ = false;
};

// An answer of the API as what it says.
[[nodiscard]] Result<Json> ask_json(AdminAccess& access, http::Method method,
                                    const std::string& target, const std::string& body = {});

// Asks for page after page and gives the rows of each.
Result<void> each_page(AdminAccess& access, Target target,
                       const std::function<void(const Json& rows)>& take);

// The same in one list, of at most limits::command_rows_max rows.
[[nodiscard]] Result<Json> all_rows(AdminAccess& access, Target target);

// The id of the one key that is meant: by its id, its name or its prefix.
[[nodiscard]] Result<std::string> find_key_id(AdminAccess& access, const std::string& wanted);

// A member as text; "-" where there is none. Safe to show on a terminal, whatever somebody has
// called a key.
[[nodiscard]] std::string shown(const Json& object, const char* name);

// Loads the configuration, finds the way to the admin API and lets `work` use it. Gives what the
// process should exit with. A relay that has never been started has no API yet, unless
// `may_be_new`.
using ApiWork = std::function<int(AdminAccess& access, const Config& config)>;
int with_api(const ConfigInputs& inputs, const Terminal& terminal, bool may_be_new,
             const ApiWork& work);

}  // namespace relay::app
