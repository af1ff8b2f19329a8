#pragma once

#include <memory>
#include <string_view>

#include "base/clock.h"
#include "core/store.h"
#include "store/change_listener.h"

namespace relay::store {

// The store that a DATABASE_URL names: sqlite:///PATH, or what postgres_url() takes. `clock` must
// outlive it. invalid_request: it names none. Else see SqliteStore and PostgresStore.
Result<std::unique_ptr<core::Store>> open_store(std::string_view url, const Clock& clock);

// The same to read only, of what is there, even while a relay uses it.
Result<std::unique_ptr<core::Store>> open_store_to_read(std::string_view url, const Clock& clock);

// Whether it may come by itself: it is on a server that nobody answers for, or that is about to
// start or to stop. Not where the server refuses us, and never of SQLite. Waits for an answer for
// limits::postgres_connect_max.
bool is_away(std::string_view url);

// Hears of what other processes change in the store. Null for SQLite, which nobody else changes.
std::unique_ptr<ChangeListener> listen_for_changes(std::string_view url,
                                                   ChangeListener::Changed changed);

}  // namespace relay::store
