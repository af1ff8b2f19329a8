#include "admin/usage_api.h"

#include <nlohmann/json.hpp>

namespace relay::admin {

Result<Reply> usage_of(core::Store& store, core::KeyId key) {
  const Result<core::UsageTotals> totals = store.usage_totals(key);
  if (!totals) return std::unexpected(totals.error());
  const core::Usage& usage = totals->usage;
  const core::TokenCount prompt = usage.input + usage.cache_write() + usage.cache_read;
  const nlohmann::json shown = {{"prompt_tokens", prompt},
                                {"completion_tokens", usage.output},
                                {"total_tokens", prompt + usage.output},
                                {"input_tokens", usage.input},
                                {"output_tokens", usage.output},
                                {"cache_creation_input_tokens", usage.cache_write()},
                                {"cache_creation",
                                 {{"ephemeral_5m_input_tokens", usage.cache_write_5m},
                                  {"ephemeral_1h_input_tokens", usage.cache_write_1h}}},
                                {"cache_read_input_tokens", usage.cache_read},
                                {"web_search_requests", usage.web_searches},
                                {"requests", totals->requests},
                                {"is_estimated", usage.is_estimated}};
  return json_reply(200, shown.dump());
}

}  // namespace relay::admin
