#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/sqlite.h"
#include "store/sqlite_record.h"

namespace relay::store {

// Rows for a table of an SQLite database, as another database: one in memory, in the form of
// SQLite's files (sqlite.org/fileformat2.html), which is attached to a connection as `image` and
// has the same table. SQLite copies rows from one table to one like it without looking into them:
//
//   image.begin(rows); image.add(id, record); image.end();
//   INSERT INTO main.ledger_rows SELECT * FROM image.ledger_rows
//
// Nobody checks what is copied so: records must be what the table's columns are declared to be.
//
// To outlive the connection.
class TableImage {
 public:
  // Of a table of the main database that has no index, with room for so many rows.
  Result<void> attach(SqliteConnection& connection, std::string_view table, std::size_t rows);

  // What follows takes the place of the rows that were there. Not within a transaction: SQLite
  // believes that what it reads stays as it is until that ends.
  Result<void> begin(SqliteConnection& connection, std::size_t rows_max);
  void add(std::int64_t id, const SqliteRecord& record) noexcept;  // In the order of ids.
  void end() noexcept;

 private:
  // A leaf, and the last id in it.
  struct Leaf {
    std::uint32_t page;
    std::int64_t last;
  };

  Result<void> make_room(SqliteConnection& connection, std::size_t rows);
  [[nodiscard]] std::uint8_t* page(std::size_t number) const noexcept;
  void begin_page(std::uint32_t number, std::size_t head) noexcept;
  std::uint8_t* make_cell(std::size_t bytes) noexcept;
  void end_page(std::uint8_t type) noexcept;
  void write_root() noexcept;

  std::vector<std::uint8_t> empty_;  // The database without rows.
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t rows_max_ = 0;  // For which there is room.
  std::uint32_t changes_ = 0;
  std::vector<Leaf> leaves_;
  // The page that is being filled: cells from its end on, where they are from its beginning on.
  std::uint8_t* filled_ = nullptr;
  std::size_t cells_ = 0;
  std::size_t cells_begin_ = 0;
  std::size_t pointers_end_ = 0;
};

}  // namespace relay::store
