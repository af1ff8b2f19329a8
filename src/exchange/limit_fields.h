#pragma once

#include "base/clock.h"
#include "base/time_zone.h"
#include "exchange/key_table.h"
#include "http/ports.h"

namespace relay::exchange {

// Shows a client how it stands with its own key, in the fields in which the API shows how the
// operator stands with theirs: anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}.
// Of tokens, the limit that is nearest to its end, by the minute or by window. What is not limited
// has no fields.
void add_limit_fields(const KeyEntry& key, const TimeZone& zone, const Clock& clock,
                      http::ResponseHead& head);

}  // namespace relay::exchange
