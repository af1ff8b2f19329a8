#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/postgres_rows.h"
#include "store/sql.h"

struct pg_conn;
struct pg_result;

namespace relay::store {

// A connection to a PostgreSQL server (14 or newer), with its prepared statements.
//
// No call waits longer for the server than limits::postgres_statement_max and a little; the server
// is told so, too. Once the connection fails, or an answer is overdue, it is broken for good: what
// it was asked for may have happened, or not.
class PostgresConnection final : public SqlConnection {
 public:
  // `url` as libpq takes it, postgresql://user:password@host:port/database?options.
  // store_unavailable. conflict: the server is too old. not_found: see libpq().
  static Result<std::unique_ptr<PostgresConnection>> open(const std::string& url);

  // Whether nobody answers there, or a server that is about to start or to stop. One that refuses
  // us is not away, nor is one that we cannot ask, for want of libpq.
  static bool is_away(const std::string& url);

  Result<void> execute(const std::string& script) override;
  Result<void> each(const SqlQuery& query, const OnRow& row) override;
  using SqlConnection::each;
  [[nodiscard]] std::int64_t changes() const noexcept override { return changes_; }
  [[nodiscard]] bool is_remote() const noexcept override { return true; }
  [[nodiscard]] SqlText begin(Access access) const noexcept override;

  // Of a batch, statements are only queued, so that they take one journey to the server and back.
  // Each must have been prepared; what takes many rows is an INSERT of one.
  Result<void> prepare(SqlText sql);
  Result<void> prepare_for_rows(SqlText insert);
  Result<void> begin_batch();
  Result<void> queue(SqlText sql);
  Result<void> queue_rows(SqlText insert, const PostgresRows& rows);
  // Sends them, waits, and calls `row` for every row of their answers. Of several failures it is
  // the first that is told: what follows it was not done.
  Result<void> end_batch(const OnRow& row);

  // After a LISTEN: waits until somebody notifies, until `wake` can be read, or for `time_max`.
  // What the notifications say; may be none.
  Result<std::vector<std::string>> notifications(int wake, std::chrono::milliseconds time_max);

  // From now on an answer may take as long as limits::postgres_leisure_max. The second is for one
  // transaction only, at the end of which hurry() takes it back.
  Result<void> take_time();
  Result<void> take_time_for_this();
  void hurry() noexcept;

  // Whether it can be used for another task: it works, and no transaction is open.
  [[nodiscard]] bool is_idle() noexcept;

 private:
  struct Close {
    void operator()(pg_conn* connection) const noexcept;
  };
  struct Clear {
    void operator()(pg_result* result) const noexcept;
  };
  using Answer = std::unique_ptr<pg_result, Clear>;
  using Deadline = std::chrono::steady_clock::time_point;

  explicit PostgresConnection(pg_conn* connection) noexcept;

  Result<void> step_through(SqlText sql, std::span<const SqlValue> values,
                            const OnRow& row) override;
  Result<void> prepare_text(std::unordered_map<const char*, std::string>& names, const char* key,
                            const std::string& text);
  Result<std::vector<std::string_view>> parameter_types(SqlText sql);
  Result<void> queue_named(const std::string& name, std::span<const std::string> texts);
  Result<Answer> answer_to(int was_sent);
  Result<Answer> next_answer(Deadline deadline);
  Result<void> batch_answers(Deadline deadline, const OnRow& row);
  Result<void> visit(const Answer& answer, const OnRow& row);
  bool flush(Deadline deadline) noexcept;
  [[nodiscard]] Deadline answer_deadline() const noexcept;
  bool wait(short events, Deadline deadline) noexcept;
  std::unexpected<Error> broken(const std::string& why);

  std::unique_ptr<pg_conn, Close> connection_;
  std::unordered_map<const char*, std::string> statements_;  // To their names on the server,
  std::unordered_map<const char*, std::string> for_rows_;    // and of those that take many rows.
  std::size_t queued_ = 0;
  std::int64_t changes_ = 0;
  std::chrono::milliseconds answer_max_;
  bool is_broken_ = false;
};

}  // namespace relay::store
