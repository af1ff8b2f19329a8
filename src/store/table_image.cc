#include "store/table_image.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "store/store_error.h"

namespace relay::store {
namespace {

// So large that a tree of two levels is enough for a hundred thousand rows, and one for a few.
constexpr std::size_t page_bytes = 32'768;
constexpr std::uint32_t root_page = 2;  // Behind the page of the schema.

constexpr std::uint8_t inner_page = 5;
constexpr std::uint8_t leaf_page = 13;
constexpr std::size_t leaf_head = 8;
constexpr std::size_t inner_head = 12;
constexpr std::size_t pointer_bytes = 2;
constexpr std::size_t varint_max = 9;

constexpr std::size_t cell_max = 2 * varint_max + SqliteRecord::bytes_max + pointer_bytes;
constexpr std::size_t rows_in_leaf = (page_bytes - leaf_head) / cell_max;
constexpr std::size_t leaves_max = (page_bytes - inner_head) / (4 + varint_max + pointer_bytes);

std::size_t pages_for(std::size_t rows) noexcept {
  return root_page + 1 + (rows + rows_in_leaf - 1) / rows_in_leaf;
}

// High byte first, as all numbers of SQLite's files.
template <std::size_t Bytes>
void put(std::uint8_t* place, std::uint64_t number) noexcept {
  for (std::size_t i = 0; i < Bytes; ++i) {
    place[i] = static_cast<std::uint8_t>(number >> 8 * (Bytes - 1 - i));
  }
}

// A database with this one table. What has a later version than is known is only read: so a
// transaction that writes to the main database does not lock this one.
Result<std::vector<std::uint8_t>> empty_database(const std::string& table) {
  constexpr std::size_t write_version_at = 18;
  auto made = SqliteConnection::open(":memory:", SqlConnection::Access::read_write);
  if (!made) return std::unexpected(made.error());
  const Result<void> done =
      made->execute("PRAGMA page_size = " + std::to_string(page_bytes) + ";" + table);
  if (!done) return std::unexpected(done.error());
  std::vector<std::uint8_t> bytes = made->bytes();
  if (bytes.size() != root_page * page_bytes) {
    return failure(ErrorCode::internal, "no image can be made of: " + table);
  }
  bytes[write_version_at] = 3;
  return bytes;
}

}  // namespace

Result<void> TableImage::attach(SqliteConnection& connection, std::string_view table,
                                std::size_t rows) {
  std::string text;
  Result<void> done = connection.each(
      "SELECT sql FROM sqlite_schema WHERE name = ?",
      [&text](const SqlRow& row) { text = row.text(0); }, table);
  if (!done) return done;
  Result<std::vector<std::uint8_t>> empty = empty_database(text);
  if (!empty) return std::unexpected(empty.error());
  empty_ = *std::move(empty);
  return make_room(connection, rows);
}

// What SQLite has is freed when it has something else.
Result<void> TableImage::make_room(SqliteConnection& connection, std::size_t rows) {
  const std::size_t bytes = pages_for(rows) * page_bytes;
  leaves_.reserve(pages_for(rows));
  auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
  std::ranges::copy(empty_, memory.get());
  Result<void> attached = connection.attach_image({memory.get(), bytes});
  if (!attached) return attached;
  memory_ = std::move(memory);
  rows_max_ = rows;
  return {};
}

Result<void> TableImage::begin(SqliteConnection& connection, std::size_t rows_max) {
  if (pages_for(rows_max) > leaves_max) {
    return failure(ErrorCode::internal, "too many entries at once");
  }
  if (rows_max > rows_max_) {
    Result<void> made = make_room(connection, rows_max);
    if (!made) return made;
  }
  leaves_.clear();
  leaves_.push_back({.page = root_page, .last = 0});
  begin_page(root_page, leaf_head);
  return {};
}

void TableImage::add(std::int64_t id, const SqliteRecord& record) noexcept {
  std::uint8_t head[2 * varint_max];
  std::uint8_t* const after_size = put_varint(head, record.size());
  std::uint8_t* const after_id = put_varint(after_size, static_cast<std::uint64_t>(id));
  const auto head_bytes = static_cast<std::size_t>(after_id - head);
  const std::size_t bytes = head_bytes + record.size();
  if (pointers_end_ + pointer_bytes + bytes > cells_begin_) {
    end_page(leaf_page);
    const std::uint32_t next = leaves_.back().page + 1;
    leaves_.push_back({.page = next, .last = 0});
    begin_page(next, leaf_head);
  }
  std::uint8_t* const cell = make_cell(bytes);
  std::memcpy(cell, head, head_bytes);
  record.copy_to(cell + head_bytes);
  leaves_.back().last = id;
}

// SQLite takes what it has read of a database for good until it finds another number of changes.
void TableImage::end() noexcept {
  constexpr std::size_t changes_at = 24;
  constexpr std::size_t pages_at = 28;
  constexpr std::size_t pages_are_of_changes_at = 92;
  end_page(leaf_page);
  if (leaves_.size() > 1) write_root();
  const std::uint32_t pages = std::max(leaves_.front().page, leaves_.back().page);
  ++changes_;
  put<4>(&memory_[changes_at], changes_);
  put<4>(&memory_[pages_at], pages);
  put<4>(&memory_[pages_are_of_changes_at], changes_);
}

// In the place of the first leaf, which moves behind the others.
void TableImage::write_root() noexcept {
  leaves_.front().page = leaves_.back().page + 1;
  std::memcpy(page(leaves_.front().page), page(root_page), page_bytes);
  begin_page(root_page, inner_head);
  for (const Leaf& leaf : std::span{leaves_}.first(leaves_.size() - 1)) {
    std::uint8_t id[varint_max];
    const std::uint8_t* const end = put_varint(id, static_cast<std::uint64_t>(leaf.last));
    const auto id_bytes = static_cast<std::size_t>(end - id);
    std::uint8_t* const cell = make_cell(4 + id_bytes);
    put<4>(cell, leaf.page);
    std::memcpy(cell + 4, id, id_bytes);
  }
  put<4>(filled_ + leaf_head, leaves_.back().page);
  end_page(inner_page);
}

std::uint8_t* TableImage::page(std::size_t number) const noexcept {
  return &memory_[(number - 1) * page_bytes];
}

void TableImage::begin_page(std::uint32_t number, std::size_t head) noexcept {
  filled_ = page(number);
  cells_ = 0;
  cells_begin_ = page_bytes;
  pointers_end_ = head;
}

std::uint8_t* TableImage::make_cell(std::size_t bytes) noexcept {
  assert(pointers_end_ + pointer_bytes + bytes <= cells_begin_);
  cells_begin_ -= bytes;
  put<pointer_bytes>(filled_ + pointers_end_, cells_begin_);
  pointers_end_ += pointer_bytes;
  ++cells_;
  return filled_ + cells_begin_;
}

void TableImage::end_page(std::uint8_t type) noexcept {
  *filled_ = type;
  put<2>(filled_ + 1, 0);  // Nothing is free between cells.
  put<2>(filled_ + 3, cells_);
  put<2>(filled_ + 5, cells_begin_);
  filled_[7] = 0;
}

}  // namespace relay::store
