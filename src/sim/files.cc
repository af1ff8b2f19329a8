#include <fmt/format.h>

#include "base/limits.h"
#include "sim/json_text.h"
#include "sim/messages.h"
#include "sim/page.h"
#include "sim/workspace.h"

namespace relay::sim {
namespace {

std::string describe_file(std::string_view id, const StoredFile& file) {
  return fmt::format(R"({{"id":"{}","type":"file","filename":{},"mime_type":{},"size_bytes":{},)"
                     R"("created_at":"2026-11-22T00:00:00Z","downloadable":{},"sim_sha256":"{}"}})",
                     id, json_string(file.name), json_string(file.media_type), file.bytes,
                     file.content.size() == file.bytes, file.sha256);
}

Answer content_of(const StoredFile& file) {
  if (file.content.size() != file.bytes) return error_answer(400, {}, "not downloadable");
  Answer answer{.status = 200, .content_type = file.media_type};
  answer.pieces.push_back({file.content});
  return answer;
}

}  // namespace

Answer Workspace::keep_file(StoredFile file) {
  if (files_.size() >= limits::simulator_objects_max)
    return error_answer(429, {}, "too many files");
  const std::string id = object_id("file_01", next_number_++);
  Answer answer = json_answer(describe_file(id, file));
  files_.emplace(id, std::move(file));
  return answer;
}

Answer Workspace::files(const ObjectCall& call) {
  if (call.id.empty()) {
    std::vector<Listed> all;
    all.reserve(files_.size());
    for (const auto& [id, file] : files_) all.push_back({id, describe_file(id, file)});
    return page_answer(all, parse_page_query(call.query));
  }
  const auto file = files_.find(call.id);
  if (file == files_.end()) return error_answer(404, {}, "file not found");
  if (call.method == "GET" && call.verb == "content") return content_of(file->second);
  if (call.method == "GET" && call.verb.empty())
    return json_answer(describe_file(call.id, file->second));
  if (call.method == "DELETE" && call.verb.empty()) {
    const std::string deleted = fmt::format(R"({{"id":"{}","type":"file_deleted"}})", call.id);
    files_.erase(file);
    return json_answer(deleted);
  }
  return error_answer(405, {}, "Method Not Allowed");
}

void Workspace::clear() {
  batches_.clear();
  files_.clear();
}

}  // namespace relay::sim
