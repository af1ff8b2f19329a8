#include "store/sql_audit.h"

#include "store/cursor.h"
#include "store/page_end.h"
#include "store/sql_query.h"
#include "store/sql_rows.h"
#include "store/sql_store.h"

namespace relay::store {

using core::AuditEntry;

namespace {

constexpr std::string_view list = "audit";

}  // namespace

Result<void> record(SqlConnection& connection, const AuditEntry& entry) {
  return connection.run(
      "INSERT INTO audit (at, actor, client, action, object, name, before, after) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      entry.at, entry.actor, entry.from.bytes, entry.action, entry.object, entry.name, entry.before,
      entry.after);
}

Result<void> SqlStore::append_audit(const AuditEntry& audit) {
  return write([&](SqlConnection& connection) { return record(connection, audit); });
}

Result<core::Page<AuditEntry>> SqlStore::page_of_audit(const core::AuditFilter& filter,
                                                       const core::PageRequest& page) {
  SqlQuery query;
  query.add("SELECT id, at, actor, client, action, object, name, before, after FROM audit");
  if (!page.after.empty()) {
    const Result<Cursor> cursor = parse_cursor(page.after, list);
    if (!cursor) return std::unexpected(cursor.error());
    query.where("id < ?", cursor->id);
  }
  if (filter.from) query.where("at >= ?", *filter.from);
  if (filter.to) query.where("at < ?", *filter.to);
  if (!filter.action.empty()) {
    query.where("action LIKE ? ESCAPE '\\'", beginning_with(filter.action));
  }
  if (!filter.object.empty()) query.where("object = ?", filter.object);
  if (!filter.actor.empty()) query.where("actor = ?", filter.actor);
  query.add(" ORDER BY id DESC LIMIT ?", page.rows_max + 1);
  Result<std::vector<AuditEntry>> found = rows(audit_entry_of, query);
  if (!found) return std::unexpected(found.error());
  return cut_page(*std::move(found), page.rows_max, [](const AuditEntry& last) {
    return to_string({.list = std::string{list}, .id = last.id});
  });
}

}  // namespace relay::store
