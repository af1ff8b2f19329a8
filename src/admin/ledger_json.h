#pragma once

#include <cstdint>

#include "admin/json_writer.h"
#include "core/report.h"

namespace relay::admin {

// Who reads it: an operator sees which upstream served and who came from where.
enum class Reader : std::uint8_t { administrator, key };

// One entry of the ledger, as a row of the log.
void write_entry(JsonWriter& json, const core::LedgerRow& row, Reader reader);

}  // namespace relay::admin
