#include "app/price_flags.h"

#include <CLI/CLI.hpp>
#include <array>

#include "core/price_text.h"

namespace relay::app {
namespace {

struct Member {
  const char* path;
  const char* about;
  bool is_required = false;
};

constexpr std::array members = {
    Member{"input", "Dollars per million tokens, as are the next four.", true},
    Member{"output", "", true},
    Member{"cache_write_5m", "", true},
    Member{"cache_write_1h", "", true},
    Member{"cache_read", "", true},
    Member{"web_search", "Dollars per thousand searches."},
    Member{"long_prompt.above", "Other rates where a prompt has more tokens than that:"},
    Member{"long_prompt.input", ""},
    Member{"long_prompt.output", ""},
    Member{"long_prompt.cache_write_5m", ""},
    Member{"long_prompt.cache_write_1h", ""},
    Member{"long_prompt.cache_read", ""},
    Member{"fast", "A factor for fast mode; or five rates:"},
    Member{"fast.input", ""},
    Member{"fast.output", ""},
    Member{"fast.cache_write_5m", ""},
    Member{"fast.cache_write_1h", ""},
    Member{"fast.cache_read", ""},
    Member{"us", "A factor for inference in the US only."},
    Member{"batch", "A factor for batches."},
    Member{"valid_from", "A date, midnight UTC, or a time; default now."},
    Member{"valid_to", "Until when; default until further notice."},
    Member{"source", "Who says so: a URL."},
    Member{"checked_on", "When somebody last looked there; default today."},
};

std::string flag_of(std::string_view path) {
  std::string flag = "--";
  for (const char byte : path) flag += byte == '_' || byte == '.' ? '-' : byte;
  return flag;
}

}  // namespace

void PriceFlags::add_to(CLI::App& command) {
  for (const Member& member : members) {
    const auto keep = [this, path = member.path](const std::string& text) {
      members_[path] = text;
    };
    command.add_option_function<std::string>(flag_of(member.path), keep, member.about)
        ->type_name("TEXT")
        ->required(member.is_required);
  }
}

Result<void> PriceFlags::set(core::PriceRow& row) const {
  for (const auto& [path, text] : members_) {
    const auto done = core::set_price_member(row, path, text);
    if (done) continue;
    return std::unexpected(Error{.code = ErrorCode::invalid_request,
                                 .origin = Origin::client,
                                 .message = flag_of(path) + ": " + done.error()});
  }
  return {};
}

}  // namespace relay::app
