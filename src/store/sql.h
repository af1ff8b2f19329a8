#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "base/short_text.h"
#include "store/sql_text.h"

namespace relay::store {

class SqlQuery;
class SqlTransaction;

// What stands for a `?` of a statement. Refers to texts and bytes, which must outlive the call.
// Times are milliseconds of UTC since 1970, enumerators and truths numbers.
class SqlValue {
 public:
  using Bytes = std::span<const std::uint8_t>;
  using Any = std::variant<std::monostate, std::int64_t, std::string_view, Bytes>;

  template <std::integral Integer>
  SqlValue(Integer value) noexcept : value_{static_cast<std::int64_t>(value)} {}  // NOLINT
  template <typename Enumerator>
  requires std::is_enum_v<Enumerator> SqlValue(Enumerator value)
  noexcept : SqlValue{std::to_underlying(value)} {}                                // NOLINT
  SqlValue(WallTime time) noexcept : SqlValue{time.time_since_epoch().count()} {}  // NOLINT
  SqlValue(std::string_view text) noexcept : value_{text} {}                       // NOLINT
  SqlValue(const std::string& text) noexcept : value_{std::string_view{text}} {}   // NOLINT
  SqlValue(const char* text) noexcept : value_{std::string_view{text}} {}          // NOLINT
  template <std::size_t N>
  SqlValue(const ShortText<N>& text) noexcept : value_{text.view()} {}  // NOLINT
  template <std::size_t N>
  SqlValue(const std::array<std::uint8_t, N>& bytes) noexcept : value_{Bytes{bytes}} {}  // NOLINT
  SqlValue(Bytes bytes) noexcept : value_{bytes} {}                                      // NOLINT
  template <typename Value>
  SqlValue(const std::optional<Value>& value) noexcept  // NOLINT
      : SqlValue{value ? SqlValue{*value} : SqlValue{}} {}
  SqlValue() noexcept = default;  // NULL.

  [[nodiscard]] const Any& get() const noexcept { return value_; }

 private:
  Any value_;
};

// The row that a query stands on. Columns count from 0. Valid until the callback returns.
class SqlRow {
 public:
  [[nodiscard]] virtual bool is_null(int column) const noexcept = 0;
  [[nodiscard]] virtual std::int64_t integer(int column) const noexcept = 0;
  [[nodiscard]] virtual std::string_view text(int column) const noexcept = 0;
  // As many bytes as there are and as fit; the rest of `bytes` stays as it was.
  virtual void copy_blob(int column, std::span<std::uint8_t> bytes) const noexcept = 0;

 protected:
  ~SqlRow() = default;
};

// A connection to a database that speaks SQL. `?` stands for a value, in all dialects.
//
// Statements are known by the address of their text and prepared once.
//
// Belongs to one thread at a time. conflict: a row with this unique value exists.
// store_unavailable: everything else, with the database's own words as detail.
class SqlConnection {
 public:
  using OnRow = std::function<void(const SqlRow& row)>;
  enum class Access { read_only, read_write };

  virtual ~SqlConnection() = default;

  // Runs several statements without values.
  virtual Result<void> execute(const std::string& script) = 0;

  // Runs one statement.
  template <typename... Values>
  Result<void> run(SqlText sql, const Values&... values) {
    return each(
        sql, [](const SqlRow&) {}, values...);
  }

  // Calls `row` for every row of the answer.
  template <std::invocable<const SqlRow&> Row, typename... Values>
  Result<void> each(SqlText sql, Row&& row, const Values&... values) {
    const std::array<SqlValue, sizeof...(Values)> bound{SqlValue{values}...};
    return step_through(sql, bound, std::ref(row));
  }

  // The same for a query that was put together. It is prepared for this once.
  virtual Result<void> each(const SqlQuery& query, const OnRow& row) = 0;

  // Rows that the last statement inserted, changed or deleted.
  [[nodiscard]] virtual std::int64_t changes() const noexcept = 0;

  // Whether a row has a long way to go.
  [[nodiscard]] virtual bool is_remote() const noexcept = 0;

  // What begins a transaction: one that will write, and one that sees the same state throughout.
  [[nodiscard]] virtual SqlText begin(Access access) const noexcept = 0;

 private:
  friend SqlTransaction;

  virtual Result<void> step_through(SqlText sql, std::span<const SqlValue> values,
                                    const OnRow& row) = 0;

  bool is_unfinished_ = false;  // A transaction is: there was no memory to roll it back.
};

// All or nothing: what ran on `connection` since begin() is undone unless commit() succeeds.
class SqlTransaction {
 public:
  static Result<SqlTransaction> begin(SqlConnection& connection, SqlConnection::Access access);
  SqlTransaction(SqlTransaction&& other) noexcept
      : connection_{std::exchange(other.connection_, nullptr)} {}
  SqlTransaction& operator=(SqlTransaction&&) = delete;
  ~SqlTransaction();

  Result<void> commit();

 private:
  explicit SqlTransaction(SqlConnection& connection) noexcept : connection_{&connection} {}

  SqlConnection* connection_;  // Null once it has ended.
};

}  // namespace relay::store
