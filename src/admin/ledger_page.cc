#include "admin/ledger_page.h"

#include "admin/ledger_parameters.h"
#include "admin/page_json.h"
#include "admin/parameters.h"
#include "admin/period.h"

namespace relay::admin {
namespace {

Result<void> set_keys(Parameters& asked, core::Store& store, const Call& call, Reader reader,
                      core::LedgerFilter& filter) {
  if (reader == Reader::administrator) return read_keys(asked, store, filter);
  filter.keys = {call.key};
  return {};
}

}  // namespace

Result<Reply> ledger_page(core::Store& store, const TimeZone& zone, const Call& call,
                          Reader reader) {
  Parameters asked{call.head.query()};
  const OpenPeriod period = read_open_period(asked, read_zone(asked, zone));
  core::LedgerFilter filter = read_entries(asked);
  filter.from = period.from;
  filter.to = period.to;
  const Result<void> keys = set_keys(asked, store, call, reader, filter);
  if (!keys) return std::unexpected(keys.error());
  const core::PageRequest wanted = asked.page();
  const Result<void> sound = asked.finish();
  if (!sound) return std::unexpected(sound.error());

  const Result<core::Page<core::LedgerRow>> page = store.page_of_ledger(filter, wanted);
  if (!page) return std::unexpected(page.error());
  return json_reply(200, page_json(*page, [reader](JsonWriter& json, const core::LedgerRow& row) {
                      write_entry(json, row, reader);
                    }));
}

}  // namespace relay::admin
