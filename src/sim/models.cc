#include <fmt/format.h>

#include <array>

#include "sim/json_text.h"
#include "sim/page.h"
#include "sim/workspace.h"

namespace relay::sim {
namespace {

struct Model {
  std::string_view id;
  std::string_view name;
  std::string_view created;
};

constexpr std::array models_known = {
    Model{"claude-fable-5-2", "Claude Fable 5.2", "2026-09-01T00:00:00Z"},
    Model{"claude-mythos-5-2", "Claude Mythos 5.2", "2026-09-01T00:00:00Z"},
    Model{"claude-haiku-5-5", "Claude Haiku 5.5", "2026-08-15T00:00:00Z"},
    Model{"claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-08-01T00:00:00Z"},
    Model{"claude-opus-5-5", "Claude Opus 5.5", "2026-08-01T00:00:00Z"},
    Model{"claude-sonnet-5", "Claude Sonnet 5", "2026-04-01T00:00:00Z"},
    Model{"claude-opus-5", "Claude Opus 5", "2026-04-01T00:00:00Z"},
    Model{"claude-opus-4-8", "Claude Opus 4.8", "2026-02-01T00:00:00Z"},
    Model{"claude-opus-4-6", "Claude Opus 4.6", "2026-01-05T00:00:00Z"},
    Model{"claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-01-05T00:00:00Z"},
    Model{"claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24T00:00:00Z"},
    Model{"claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z"},
    Model{"claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z"},
};

std::string describe_model(const Model& model) {
  return fmt::format(R"({{"type":"model","id":"{}","display_name":"{}","created_at":"{}"}})",
                     model.id, model.name, model.created);
}

}  // namespace

Answer Workspace::models(const ObjectCall& call) const {
  if (call.method != "GET") return error_answer(405, {}, "Method Not Allowed");
  std::vector<Listed> all;
  for (const Model& model : models_known) {
    if (call.id == model.id) return json_answer(describe_model(model));
    all.push_back({std::string{model.id}, describe_model(model)});
  }
  if (!call.id.empty()) return error_answer(404, {}, fmt::format("model: {}", call.id));
  return page_answer(all, parse_page_query(call.query));
}

}  // namespace relay::sim
