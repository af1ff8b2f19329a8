#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/answer.h"
#include "sim/script.h"

namespace relay::sim {

// What an upload has left of itself.
struct StoredFile {
  std::string name = "upload";
  std::string media_type = "application/octet-stream";
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string content;  // Empty, if it was more than limits::simulator_file_bytes_kept_max.
};

// Where a method and a path have led to: what remains of the path, split at "/".
struct ObjectCall {
  std::string_view method;
  std::string_view id;    // Empty: the list.
  std::string_view verb;  // cancel, results, content.
  std::string_view query;
  std::string_view body;
  const Script& script;
};

// What the operator's workspace holds: models, batches and files. Ids are dealt in order, so that
// runs can be compared. Belongs to one thread.
class Workspace {
 public:
  // `origin`: what an absolute results_url begins with.
  explicit Workspace(std::string origin) : origin_{std::move(origin)} {}

  [[nodiscard]] Answer models(const ObjectCall& call) const;
  [[nodiscard]] Answer batches(const ObjectCall& call);
  [[nodiscard]] Answer files(const ObjectCall& call);

  [[nodiscard]] Answer keep_file(StoredFile file);
  void clear();

 private:
  struct BatchRequest {
    std::string custom_id;
    std::string params;  // JSON: the body of one request.
  };
  struct Batch {
    std::vector<BatchRequest> requests;
    std::int64_t polls_left = 1;  // How often it is still found in progress.
    bool is_canceled = false;
  };

  [[nodiscard]] Answer create_batch(const ObjectCall& call);
  [[nodiscard]] Answer batch_call(const ObjectCall& call, Batch& batch);
  [[nodiscard]] Answer list_batches(const ObjectCall& call) const;
  [[nodiscard]] std::string describe_batch(const std::string& id, const Batch& batch) const;
  [[nodiscard]] static Answer results_of(const Batch& batch);

  std::string origin_;
  std::uint64_t next_number_ = 1;
  std::map<std::string, Batch, std::less<>> batches_;
  std::map<std::string, StoredFile, std::less<>> files_;
};

}  // namespace relay::sim
