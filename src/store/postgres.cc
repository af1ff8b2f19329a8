#include "store/postgres.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/limits.h"
#include "store/libpq.h"
#include "store/postgres_parameters.h"
#include "store/postgres_url.h"
#include "store/sql_query.h"
#include "store/store_error.h"

namespace relay::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view unique_violation = "23505";
constexpr int oldest_server = 140'000;

// Requires: it could be loaded, as it could where there is a connection.
const Libpq& pq() noexcept {
  return *libpq();
}

class Row final : public SqlRow {
 public:
  Row(const PGresult* answer, int row) noexcept : answer_{answer}, row_{row} {}

  bool is_null(int column) const noexcept override {
    return pq().PQgetisnull(answer_, row_, column) != 0;
  }
  std::int64_t integer(int column) const noexcept override {
    const std::string_view digits = text(column);
    std::int64_t value = digits == "t" ? 1 : 0;  // What a boolean is.
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  std::string_view text(int column) const noexcept override {
    return {pq().PQgetvalue(answer_, row_, column),
            static_cast<std::size_t>(pq().PQgetlength(answer_, row_, column))};
  }
  void copy_blob(int column, std::span<std::uint8_t> bytes) const noexcept override {
    std::string_view digits = text(column);
    digits.remove_prefix(std::min<std::size_t>(2, digits.size()));  // "\x"
    for (std::size_t i = 0; i < bytes.size() && 2 * i + 2 <= digits.size(); ++i) {
      std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, bytes[i], 16);
    }
  }

 private:
  const PGresult* answer_;
  int row_;
};

bool is_good(const PGresult* answer) noexcept {
  switch (pq().PQresultStatus(answer)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY: return true;
    default: return false;
  }
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::unexpected<Error> failed(const PGresult* answer) {
  const char* const state = pq().PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const bool is_conflict = state != nullptr && state == unique_violation;
  return failure(is_conflict ? ErrorCode::conflict : ErrorCode::store_unavailable,
                 "PostgreSQL: " + one_line(pq().PQresultErrorMessage(answer)));
}

// The types of our columns, by their numbers in every server's pg_type.
std::string_view type_name(Oid type) noexcept {
  switch (type) {
    case 16: return "BOOLEAN";
    case 17: return "BYTEA";
    case 20: return "BIGINT";
    case 21: return "SMALLINT";
    case 23: return "INTEGER";
    default: return "TEXT";
  }
}

// What the URL says itself comes later, and so prevails.
constexpr std::array<const char*, 7> keywords = {"connect_timeout",
                                                 "application_name",
                                                 "keepalives_idle",
                                                 "keepalives_interval",
                                                 "dbname",
                                                 "client_encoding",
                                                 nullptr};

// Refers to the URL.
struct Target {
  explicit Target(const std::string& url)
      : wait{std::to_string(std::chrono::seconds{limits::postgres_connect_max}.count())},
        values{wait.c_str(), "relay-station", "30", "10", url.c_str(), "UTF8", nullptr} {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  const std::string wait;
  const std::array<const char*, 7> values;
};

// What the server is to give up by itself, before we do. Our statements are too short to be worth
// compiling or spreading over processes; their indexes are in memory, or on a disk without arms.
std::string session_settings() {
  const auto text = [](milliseconds time) { return std::to_string(time.count()); };
  return "SET statement_timeout = " + text(limits::postgres_statement_max) +
         "; SET lock_timeout = " + text(limits::store_busy_timeout) +
         "; SET idle_in_transaction_session_timeout = " + text(limits::postgres_answer_max) +
         "; SET client_min_messages = warning; SET jit = off; SET work_mem = '32MB'; "
         "SET max_parallel_workers_per_gather = 0; SET random_page_cost = 1.1";
}

}  // namespace

PostgresConnection::PostgresConnection(pg_conn* connection) noexcept
    : connection_{connection}, answer_max_{limits::postgres_answer_max} {
}

PostgresConnection::Deadline PostgresConnection::answer_deadline() const noexcept {
  return steady_clock::now() + answer_max_;
}

void PostgresConnection::Close::operator()(pg_conn* connection) const noexcept {
  pq().PQfinish(connection);
}

void PostgresConnection::Clear::operator()(pg_result* result) const noexcept {
  pq().PQclear(result);
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& url) {
  const Result<Libpq>& loaded = libpq();
  if (!loaded) return std::unexpected(loaded.error());
  const Target target{url};
  std::unique_ptr<PostgresConnection> made{
      new PostgresConnection{pq().PQconnectdbParams(keywords.data(), target.values.data(), 1)}};
  pg_conn* const connection = made->connection_.get();
  if (pq().PQstatus(connection) != CONNECTION_OK) {
    return failure(
        ErrorCode::store_unavailable,
        "PostgreSQL: " + without_password(one_line(pq().PQerrorMessage(connection)), url));
  }
  if (pq().PQserverVersion(connection) < oldest_server) {
    return failure(ErrorCode::conflict,
                   "PostgreSQL: version 14 or newer is needed, this is " +
                       std::to_string(pq().PQserverVersion(connection) / 10'000));
  }
  pq().PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  pq().PQsetnonblocking(connection, 1);
  const Result<void> set = made->execute(session_settings());
  if (!set) return std::unexpected(set.error());
  return made;
}

bool PostgresConnection::is_away(const std::string& url) {
  if (!libpq()) return false;
  const Target target{url};
  switch (pq().PQpingParams(keywords.data(), target.values.data(), 1)) {
    case PQPING_REJECT:
    case PQPING_NO_RESPONSE: return true;
    case PQPING_OK:
    case PQPING_NO_ATTEMPT: return false;
  }
  return false;
}

Result<void> PostgresConnection::take_time() {
  answer_max_ = limits::postgres_leisure_max;
  return execute("SET statement_timeout = 0; SET lock_timeout = 0");
}

Result<void> PostgresConnection::take_time_for_this() {
  answer_max_ = limits::postgres_leisure_max;
  return execute("SET LOCAL statement_timeout = 0");
}

void PostgresConnection::hurry() noexcept {
  answer_max_ = limits::postgres_answer_max;
}

SqlText PostgresConnection::begin(Access access) const noexcept {
  return access == Access::read_write ? SqlText{"BEGIN"}
                                      : SqlText{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
}

Result<void> PostgresConnection::execute(const std::string& script) {
  const Result<Answer> answer = answer_to(pq().PQsendQuery(connection_.get(), script.c_str()));
  if (!answer) return std::unexpected(answer.error());
  return {};
}

Result<void> PostgresConnection::each(const SqlQuery& query, const OnRow& row) {
  const PostgresParameters parameters{query.values()};
  const Result<Answer> answer = answer_to(pq().PQsendQueryParams(
      connection_.get(), numbered(query.text()).c_str(), parameters.count(), nullptr,
      parameters.pointers(), parameters.lengths(), parameters.formats(), 0));
  if (!answer) return std::unexpected(answer.error());
  return visit(*answer, row);
}

Result<void> PostgresConnection::step_through(SqlText sql, std::span<const SqlValue> values,
                                              const OnRow& row) {
  const Result<void> ready = prepare(sql);
  if (!ready) return ready;
  const PostgresParameters parameters{values};
  const Result<Answer> answer = answer_to(pq().PQsendQueryPrepared(
      connection_.get(), statements_[sql.get()].c_str(), parameters.count(), parameters.pointers(),
      parameters.lengths(), parameters.formats(), 0));
  if (!answer) return std::unexpected(answer.error());
  return visit(*answer, row);
}

Result<void> PostgresConnection::prepare(SqlText sql) {
  return prepare_text(statements_, sql.get(), numbered(sql.get()));
}

Result<void> PostgresConnection::prepare_for_rows(SqlText insert) {
  if (for_rows_.contains(insert.get())) return {};
  const Result<void> ready = prepare(insert);
  if (!ready) return ready;
  const Result<std::vector<std::string_view>> types = parameter_types(insert);
  if (!types) return std::unexpected(types.error());
  return prepare_text(for_rows_, insert.get(), numbered(by_arrays(insert.get(), *types)));
}

Result<void> PostgresConnection::prepare_text(std::unordered_map<const char*, std::string>& names,
                                              const char* key, const std::string& text) {
  if (names.contains(key)) return {};
  const std::string name = "s" + std::to_string(statements_.size() + for_rows_.size());
  const Result<Answer> answer =
      answer_to(pq().PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr));
  if (!answer) return std::unexpected(answer.error());
  names.emplace(key, name);
  return {};
}

// Which the server knows from the columns.
Result<std::vector<std::string_view>> PostgresConnection::parameter_types(SqlText sql) {
  const Result<Answer> answer =
      answer_to(pq().PQsendDescribePrepared(connection_.get(), statements_.at(sql.get()).c_str()));
  if (!answer) return std::unexpected(answer.error());
  std::vector<std::string_view> types;
  for (int i = 0; i < pq().PQnparams(answer->get()); ++i) {
    types.push_back(type_name(pq().PQparamtype(answer->get(), i)));
  }
  return types;
}

Result<void> PostgresConnection::visit(const Answer& answer, const OnRow& row) {
  const char* const changed = pq().PQcmdTuples(answer.get());
  changes_ = 0;
  std::from_chars(changed, changed + std::char_traits<char>::length(changed), changes_);
  for (int i = 0; i < pq().PQntuples(answer.get()); ++i) row(Row{answer.get(), i});
  return {};
}

Result<void> PostgresConnection::begin_batch() {
  queued_ = 0;
  if (pq().PQenterPipelineMode(connection_.get()) != 1) return broken("no batch can begin");
  return {};
}

Result<void> PostgresConnection::queue(SqlText sql) {
  return queue_named(statements_.at(sql.get()), {});
}

Result<void> PostgresConnection::queue_rows(SqlText insert, const PostgresRows& rows) {
  return queue_named(for_rows_.at(insert.get()), rows.arrays());
}

Result<void> PostgresConnection::queue_named(const std::string& name,
                                             std::span<const std::string> texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  if (pq().PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(pointers.size()),
                               pointers.data(), nullptr, nullptr, 0) != 1) {
    return broken(pq().PQerrorMessage(connection_.get()));
  }
  ++queued_;
  return {};
}

Result<void> PostgresConnection::end_batch(const OnRow& row) {
  const Deadline deadline = answer_deadline();
  if (pq().PQpipelineSync(connection_.get()) != 1 || !flush(deadline)) {
    return broken(pq().PQerrorMessage(connection_.get()));
  }
  const Result<void> done = batch_answers(deadline, row);
  if (!is_broken_ && pq().PQexitPipelineMode(connection_.get()) != 1) {
    return broken(pq().PQerrorMessage(connection_.get()));
  }
  return done;
}

// An answer to each statement, nothing after each, and at the end the answer to the sync.
Result<void> PostgresConnection::batch_answers(Deadline deadline, const OnRow& row) {
  std::optional<Error> first_failure;
  for (std::size_t i = 0; i < queued_; ++i) {
    const Result<Answer> answer = next_answer(deadline);
    if (!answer) return std::unexpected(answer.error());
    if (*answer == nullptr) return broken("an answer is missing");
    if (!is_good(answer->get()) && !first_failure) first_failure = failed(answer->get()).error();
    const Result<void> visited = visit(*answer, row);
    if (!visited) return visited;
    const Result<Answer> end = next_answer(deadline);
    if (!end) return std::unexpected(end.error());
  }
  const Result<Answer> synced = next_answer(deadline);
  if (!synced) return std::unexpected(synced.error());
  if (pq().PQresultStatus(synced->get()) != PGRES_PIPELINE_SYNC)
    return broken("the batch has no end");
  if (first_failure) return std::unexpected(*first_failure);
  return {};
}

Result<std::vector<std::string>> PostgresConnection::notifications(int wake,
                                                                   milliseconds time_max) {
  pg_conn* const connection = connection_.get();
  std::array<pollfd, 2> watched = {pollfd{pq().PQsocket(connection), POLLIN, 0},
                                   pollfd{wake, POLLIN, 0}};
  const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(time_max.count()));
  if (ready < 0 && errno != EINTR) return broken("the wait for notifications failed");
  if (watched[0].revents != 0 && pq().PQconsumeInput(connection) != 1) {
    return broken(pq().PQerrorMessage(connection));
  }
  std::vector<std::string> said;
  while (PGnotify* const notification = pq().PQnotifies(connection)) {
    said.emplace_back(notification->extra);
    pq().PQfreemem(notification);
  }
  return said;
}

bool PostgresConnection::is_idle() noexcept {
  if (is_broken_ || pq().PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) return false;
  // The server says nothing unasked but that it ends.
  pollfd socket{.fd = pq().PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  return ::poll(&socket, 1, 0) == 0;
}

// The last of the answers, or the first failure.
Result<PostgresConnection::Answer> PostgresConnection::answer_to(int was_sent) {
  const Deadline deadline = answer_deadline();
  if (was_sent != 1 || !flush(deadline)) return broken(pq().PQerrorMessage(connection_.get()));
  Answer last;
  std::optional<Error> first_failure;
  while (true) {
    Result<Answer> answer = next_answer(deadline);
    if (!answer) return answer;
    if (*answer == nullptr) break;
    if (!is_good(answer->get()) && !first_failure) first_failure = failed(answer->get()).error();
    last = *std::move(answer);
  }
  if (pq().PQstatus(connection_.get()) != CONNECTION_OK) is_broken_ = true;
  if (first_failure) return std::unexpected(*first_failure);
  return last;
}

Result<PostgresConnection::Answer> PostgresConnection::next_answer(Deadline deadline) {
  pg_conn* const connection = connection_.get();
  while (pq().PQisBusy(connection) == 1) {
    if (!wait(POLLIN, deadline)) return broken("no answer in time");
    if (pq().PQconsumeInput(connection) != 1) return broken(pq().PQerrorMessage(connection));
  }
  return Answer{pq().PQgetResult(connection)};
}

// Reads while it writes: the server may wait for us to take its answers.
bool PostgresConnection::flush(Deadline deadline) noexcept {
  while (true) {
    const int left = pq().PQflush(connection_.get());
    if (left == 0) return true;
    if (left < 0 || !wait(POLLIN | POLLOUT, deadline)) return false;
    if (pq().PQconsumeInput(connection_.get()) != 1) return false;
  }
}

bool PostgresConnection::wait(short events, Deadline deadline) noexcept {
  pollfd socket{.fd = pq().PQsocket(connection_.get()), .events = events, .revents = 0};
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left <= milliseconds{0}) return false;
    const int ready = ::poll(&socket, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::unexpected<Error> PostgresConnection::broken(const std::string& why) {
  is_broken_ = true;
  return failure(ErrorCode::store_unavailable, "PostgreSQL: " + one_line(why));
}

}  // namespace relay::store
