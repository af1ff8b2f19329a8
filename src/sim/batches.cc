#include <fmt/format.h>
#include <simdjson.h>

#include "base/limits.h"
#include "sim/json_text.h"
#include "sim/message_request.h"
#include "sim/messages.h"
#include "sim/page.h"
#include "sim/workspace.h"

namespace relay::sim {
namespace {

constexpr std::string_view times = R"("created_at":"2026-11-22T00:00:00Z",)"
                                   R"("expires_at":"2026-11-23T00:00:00Z")";

std::string counts(std::size_t processing, std::size_t succeeded, std::size_t canceled) {
  return fmt::format(R"({{"processing":{},"succeeded":{},"errored":0,"canceled":{},"expired":0}})",
                     processing, succeeded, canceled);
}

// A custom_id that begins with one of these words asks for that result.
std::string_view wanted_result(std::string_view custom_id) noexcept {
  for (const std::string_view word : {"errored", "expired", "canceled"}) {
    if (custom_id.starts_with(word)) return word;
  }
  return "succeeded";
}

std::string without_message(std::string_view result) {
  if (result != "errored") return fmt::format(R"({{"type":"{}"}})", result);
  return R"({"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error",)"
         R"("message":"simulated"}}})";
}

Piece result_line(std::string_view custom_id, std::string_view params, bool is_canceled,
                  std::uint64_t number) {
  std::string_view wanted = is_canceled ? "canceled" : wanted_result(custom_id);
  const Result<MessageRequest> request = parse_message_request(params, MessageKind::message);
  if (!request && wanted == "succeeded") wanted = "errored";
  Piece line;
  std::string result = without_message(wanted);
  if (wanted == "succeeded") {
    const std::optional<std::string_view> marker = find_marker(params);
    Script script = marker ? parse_script(*marker).value_or(Script{}) : Script{};
    script.tier = "batch";
    Piece message = whole_message({script, *request, params, number});
    result = fmt::format(R"({{"type":"succeeded","message":{}}})", message.bytes);
    line.usage = message.usage;
  }
  line.bytes = fmt::format("{{\"custom_id\":{},\"result\":{}}}\n", json_string(custom_id), result);
  return line;
}

}  // namespace

std::string Workspace::describe_batch(const std::string& id, const Batch& batch) const {
  const std::size_t size = batch.requests.size();
  const bool has_ended = batch.polls_left <= 0;
  const std::string_view status = has_ended           ? "ended"
                                  : batch.is_canceled ? "canceling"
                                                      : "in_progress";
  const std::string done = batch.is_canceled ? counts(0, 0, size) : counts(0, size, 0);
  const std::string results =
      has_ended ? fmt::format(R"("{}/v1/messages/batches/{}/results")", origin_, id) : "null";
  return fmt::format(
      R"({{"id":"{}","type":"message_batch","processing_status":"{}","request_counts":{},{},)"
      R"("ended_at":{},"cancel_initiated_at":{},"archived_at":null,"results_url":{}}})",
      id, status, has_ended ? done : counts(size, 0, 0), times,
      has_ended ? R"("2026-11-22T00:01:00Z")" : "null",
      batch.is_canceled ? R"("2026-11-22T00:00:30Z")" : "null", results);
}

Answer Workspace::create_batch(const ObjectCall& call) {
  simdjson::dom::parser parser;
  simdjson::dom::array requests;
  const simdjson::padded_string body{call.body};
  simdjson::dom::element document;
  if (parser.parse(body).get(document) != simdjson::SUCCESS ||
      document["requests"].get(requests) != simdjson::SUCCESS) {
    return error_answer(400, {}, "requests: Field required");
  }
  if (batches_.size() >= limits::simulator_objects_max) {
    return error_answer(429, {}, "too many batches");
  }
  Batch batch{.requests = {}, .polls_left = call.script.batch_polls, .is_canceled = false};
  for (const simdjson::dom::element request : requests) {
    std::string_view custom_id;
    simdjson::dom::element params;
    if (request["custom_id"].get(custom_id) != simdjson::SUCCESS ||
        request["params"].get(params) != simdjson::SUCCESS) {
      return error_answer(400, {}, "requests.0.custom_id: Field required");
    }
    batch.requests.push_back({std::string{custom_id}, simdjson::minify(params)});
  }
  const std::string id = object_id("msgbatch_01", next_number_++);
  Batch& kept = batches_.emplace(id, std::move(batch)).first->second;
  return json_answer(describe_batch(id, kept));
}

Answer Workspace::list_batches(const ObjectCall& call) const {
  std::vector<Listed> all;
  for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) {
    all.push_back({batch->first, describe_batch(batch->first, batch->second)});
  }
  return page_answer(all, parse_page_query(call.query));
}

// One line per request, and each with the usage of all so far.
Answer Workspace::results_of(const Batch& batch) {
  Answer answer{.status = 200, .content_type = "application/x-jsonl"};
  answer.is_batch = true;
  ReportedUsage sum;
  for (std::size_t i = 0; i < batch.requests.size(); ++i) {
    const BatchRequest& request = batch.requests[i];
    Piece line = result_line(request.custom_id, request.params, batch.is_canceled, i + 1);
    if (line.usage) sum += *line.usage;
    line.usage = sum;
    answer.pieces.push_back(std::move(line));
  }
  return answer;
}

Answer Workspace::batch_call(const ObjectCall& call, Batch& batch) {
  const std::string id{call.id};
  if (call.method == "POST" && call.verb == "cancel") {
    if (batch.polls_left > 0) batch.is_canceled = true;
    return json_answer(describe_batch(id, batch));
  }
  if (call.method == "GET" && call.verb == "results") {
    if (batch.polls_left > 0) return error_answer(404, {}, "results are not available yet");
    return results_of(batch);
  }
  if (call.method == "GET" && call.verb.empty()) {
    --batch.polls_left;
    return json_answer(describe_batch(id, batch));
  }
  if (call.method == "DELETE" && call.verb.empty()) {
    batches_.erase(id);
    return json_answer(fmt::format(R"({{"id":"{}","type":"message_batch_deleted"}})", id));
  }
  return error_answer(405, {}, "Method Not Allowed");
}

Answer Workspace::batches(const ObjectCall& call) {
  if (call.id.empty()) return call.method == "POST" ? create_batch(call) : list_batches(call);
  const auto batch = batches_.find(call.id);
  if (batch == batches_.end()) return error_answer(404, {}, "batch not found");
  return batch_call(call, batch->second);
}

}  // namespace relay::sim
